import type { Config } from '@holdfast/shared/config';
import type { Forwarder } from '../forward/forwarder.ts';
import type { ProbeResult } from '../health/health-check.ts';
import type { Passage } from '../layer4/passage.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import { type PoolEnvironment, type PreparedPool, ServedPool } from './served-pool.ts';

/** What the pools of a configuration are made of. */
export interface PoolsPlan {
  readonly pools: Config['pools'];
  /** What seals cookies, newest first. */
  readonly secrets: readonly string[];
  /** How TLS is spoken with the endpoints of a pool, by its name, where the configuration says how. */
  readonly endpointTls: ReadonlyMap<string, EndpointTls>;
}

/** The next pools of a node, ready to be taken on. */
export interface PreparedPools {
  /** Where requests to each pool are handed over, by its name. */
  readonly forwarders: ReadonlyMap<string, Forwarder>;
  /** What leads connections and flows to the endpoints of each pool, by its name. */
  readonly passages: ReadonlyMap<string, Passage>;
  /** Has the endpoints of all pools looked for; see {@link PreparedPool.discover}. */
  discover(): Promise<void>;
  commit(): void;
  /** Leaves nothing behind of what is not committed. */
  discard(): void;
}

/** Who follows the pools of a node as they come and go. */
export interface PoolFollower {
  /** A pool is there, and serves from the next moment. */
  follow(pool: Pool): void;
  /** A pool is no more. */
  forget(pool: Pool): void;
}

/** The pools of a node. A pool is the same as long as its name is. */
export class PoolSet {
  readonly #environment: PoolEnvironment;
  readonly #followers: PoolFollower[];
  #served: ReadonlyMap<string, ServedPool> = new Map();
  #isProbing = false;

  constructor(environment: PoolEnvironment, ...followers: readonly PoolFollower[]) {
    this.#environment = environment;
    this.#followers = [...followers];
  }

  /** Has it follow the pools that come from now on. */
  followedBy(follower: PoolFollower): void {
    this.#followers.push(follower);
  }

  get all(): readonly ServedPool[] {
    return [...this.#served.values()];
  }

  find(name: string): ServedPool | undefined {
    return this.#served.get(name);
  }

  /** Makes what these pools need, without a change to those that serve. It is committed or discarded. */
  prepare({ pools, secrets, endpointTls }: PoolsPlan): PreparedPools {
    const prepared = new Map<string, PreparedPool>();
    for (const config of pools) {
      const plan = { config, secrets, tls: endpointTls.get(config.name) };
      const served = this.#served.get(config.name) ?? new ServedPool(plan, this.#environment);
      prepared.set(config.name, served.prepare(plan));
    }
    const forwarders = new Map([...prepared].map(([name, { forwarder }]) => [name, forwarder]));
    const passages = new Map([...prepared].map(([name, { passage }]) => [name, passage]));
    const all = [...prepared.values()];
    return {
      forwarders,
      passages,
      discover: async () => void (await Promise.all(all.map((pool) => pool.discover()))),
      commit: () => this.#commit(prepared),
      discard: () => {
        for (const pool of all) pool.discard();
      },
    };
  }

  /** Asks an endpoint out of turn; one of a pool that is no more passes. */
  async ask({ name }: Pool, endpoint: Endpoint): Promise<ProbeResult> {
    return (await this.#served.get(name)?.ask(endpoint)) ?? 'passed';
  }

  startProbes(): void {
    this.#isProbing = true;
    for (const served of this.all) served.startProbes();
  }

  stopProbes(): void {
    this.#isProbing = false;
    for (const served of this.all) served.stopProbes();
  }

  close(): void {
    for (const served of this.all) served.close();
  }

  #commit(prepared: ReadonlyMap<string, PreparedPool>): void {
    const before = this.#served;
    this.#served = new Map([...prepared].map(([name, { served }]) => [name, served]));
    for (const [name, { served, commit }] of prepared) {
      commit();
      if (before.has(name)) continue;
      for (const follower of this.#followers) follower.follow(served.pool);
      if (this.#isProbing) served.startProbes();
    }
    for (const [name, served] of before) {
      if (prepared.has(name)) continue;
      for (const follower of this.#followers) follower.forget(served.pool);
      served.retire();
    }
  }
}
