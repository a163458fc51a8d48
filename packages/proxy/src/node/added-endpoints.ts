import { type EndpointConfig, endpointAddress } from '@holdfast/shared/config';

const NONE: readonly EndpointConfig[] = [];

/** An endpoint that an operator has added to a pool. */
export interface Addition {
  readonly pool: string;
  readonly endpoint: EndpointConfig;
}

/** What identifies an endpoint: of two of one id, or of one address, there is one. */
type Named = Pick<EndpointConfig, 'id' | 'url'>;

const isSame = (one: Named, other: Named): boolean =>
  one.id === other.id || endpointAddress(one.url) === endpointAddress(other.url);

/**
 * The endpoints that operators have added to the pools of a running node, beside those that the configuration or discovery
 * names. They outlive a reload, and not the node: nothing of them is stored, so that no address ever comes out of the store.
 */
export class AddedEndpoints {
  readonly #byPool = new Map<string, readonly EndpointConfig[]>();

  /** @param additions what was added while another process of this node served */
  constructor(additions: readonly Addition[] = []) {
    for (const { pool, endpoint } of additions) this.add(pool, endpoint);
  }

  of(pool: string): readonly EndpointConfig[] {
    return this.#byPool.get(pool) ?? NONE;
  }

  /** Those of a pool that are not named by anybody else. */
  beside(pool: string, named: readonly Named[]): readonly EndpointConfig[] {
    return this.of(pool).filter((added) => !named.some((other) => isSame(added, other)));
  }

  /** @param endpoint that the pool does not have */
  add(pool: string, endpoint: EndpointConfig): void {
    this.#byPool.set(pool, [...this.of(pool), endpoint]);
  }

  /** Answers whether it was there. */
  remove(pool: string, id: string): boolean {
    const before = this.of(pool);
    const after = before.filter((endpoint) => endpoint.id !== id);
    this.#byPool.set(pool, after);
    return after.length < before.length;
  }
}
