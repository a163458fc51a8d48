import type { RequestHeadParser } from '../codec/index.ts';
import type { Pool } from '../pool/pool.ts';
import type { Affinity, Resolution } from './affinity.ts';
import { balanced } from './balanced.ts';
import { type Claim, NO_FINDINGS } from './claim.ts';
import { NO_RESPONSE_COOKIES, type ResponseCookies } from './response-cookies.ts';

const claimBy = (clientAddress: string): Claim => ({
  findings: NO_FINDINGS,
  cookieLines: undefined,
  clientAddress,
});

/** For pools that keep no sessions: every request goes where the balance policy says. */
export class NoAffinity implements Affinity {
  readonly learner = undefined;
  readonly #pool: Pool;
  /** Of the request before this one, which mostly came from the same client. */
  #claim = claimBy('');

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  claimOf(_request: RequestHeadParser, clientAddress: string): Claim {
    if (this.#claim.clientAddress !== clientAddress) this.#claim = claimBy(clientAddress);
    return this.#claim;
  }

  resolveNear(claim: Claim): Resolution {
    return balanced(this.#pool.select(claim));
  }

  async resolve(claim: Claim): Promise<Resolution> {
    return this.resolveNear(claim);
  }

  async failover(claim: Claim, failed: Resolution): Promise<Resolution> {
    return balanced(this.#pool.select(claim, failed.endpoint));
  }

  responseCookies(): ResponseCookies {
    return NO_RESPONSE_COOKIES;
  }

  keepAlive(): void {}
}
