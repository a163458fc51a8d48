import { settle } from '@holdfast/shared/testing';
import type { Affinity, Learner, Resolution } from '../affinity/affinity.ts';
import { type Claim, NO_FINDINGS } from '../affinity/claim.ts';
import { takeOwnCookie } from '../affinity/own-cookie.ts';
import { exceptNamed, type ResponseCookies } from '../affinity/response-cookies.ts';
import { STRANGER } from '../balance/selector.ts';
import type { RequestHead } from '../exchange/exchange.ts';
import type { Pool } from '../pool/pool.ts';

/** A resolution of the session of a warm cookie, with whatever a test changes in it. */
export const testResolution = (changes: Partial<Resolution> = {}): Resolution => ({
  endpoint: undefined,
  refusal: undefined,
  outcome: 'hit',
  source: 'cookie',
  tier: 'near',
  reason: undefined,
  session: undefined,
  movedFrom: undefined,
  ...changes,
});

/**
 * An affinity that follows the balance policy and answers at once, or when the test says so: every answer that
 * takes a promise waits for {@link answer}.
 */
export class TestAffinity implements Affinity {
  /** The cookie that is kept from endpoints. */
  cookieName: string | undefined = undefined;
  learner: Learner | undefined = undefined;
  /** Whether the first answer comes without a promise. */
  isWarm = true;
  /** What becomes of each resolution. */
  changes: Partial<Resolution> = {};
  /** What clients are given as a cookie. */
  newCookie: string | undefined = undefined;
  readonly #pool: Pool;
  readonly #waiting: ((failure?: unknown) => void)[] = [];

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Lets the oldest question be answered, or fail. */
  answer(failure?: unknown): Promise<void> {
    this.#waiting.shift()?.(failure);
    return settle();
  }

  claimOf({ fields }: RequestHead, clientAddress: string): Claim {
    const { cookieName } = this;
    const own = cookieName === undefined ? undefined : takeOwnCookie(fields, [cookieName]);
    return { findings: NO_FINDINGS, cookieLines: own?.lines, clientAddress };
  }

  resolveNear(): Resolution | undefined {
    return this.isWarm ? this.#resolution() : undefined;
  }

  resolve(): Promise<Resolution> {
    return this.#later(() => this.#resolution());
  }

  failover(_claim: Claim, failed: Resolution): Promise<Resolution> {
    const moved: Partial<Resolution> = { movedFrom: failed.endpoint?.id, reason: 'connect-failed' };
    return this.#later(() => ({ ...this.#resolution(failed), outcome: 'repinned', ...moved }));
  }

  responseCookies(): ResponseCookies {
    const { cookieName, newCookie } = this;
    return {
      ofEndpoint: cookieName === undefined ? undefined : exceptNamed([cookieName]),
      setCookies: newCookie === undefined ? [] : [newCookie],
      cacheControl: newCookie === undefined ? undefined : 'private',
    };
  }

  keepAlive(): void {}

  #resolution(failed?: Resolution): Resolution {
    const endpoint = this.#pool.select(STRANGER, failed?.endpoint);
    const refusal = endpoint === undefined ? 'all-down' : undefined;
    return testResolution({ endpoint, refusal, ...this.changes });
  }

  #later(resolution: () => Resolution): Promise<Resolution> {
    return new Promise((resolve, reject) => {
      this.#waiting.push((failure) => (failure === undefined ? resolve(resolution()) : reject(failure)));
    });
  }
}
