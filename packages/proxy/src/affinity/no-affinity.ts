import type { Pool } from '../pool/pool.ts';
import type { Affinity, Resolution } from './affinity.ts';

/** For pools that keep no sessions: every request goes where the balance policy says. */
export class NoAffinity implements Affinity {
  readonly cookieName = undefined;
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  resolveNear(): Resolution {
    return this.#resolution(undefined);
  }

  async resolve(): Promise<Resolution> {
    return this.#resolution(undefined);
  }

  async failover(failed: Resolution): Promise<Resolution> {
    return this.#resolution(failed);
  }

  setCookie(): undefined {
    return undefined;
  }

  #resolution(failed: Resolution | undefined): Resolution {
    const endpoint = this.#pool.select(failed?.endpoint);
    return {
      endpoint,
      refusal: endpoint === undefined ? 'all-down' : undefined,
      outcome: 'none',
      source: 'none',
      tier: 'none',
      reason: undefined,
      session: undefined,
      movedFrom: undefined,
    };
  }
}
