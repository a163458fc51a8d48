import type { EndpointId } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import { pinIdsOf } from '../pool/incarnation.ts';
import type { Pool } from '../pool/pool.ts';
import { endpointTagOf } from './cookie-seal.ts';
import type { EndpointTag } from './voucher.ts';

/** The tags that stand in cookies for what pins say of the endpoints that a pool has at the moment. */
export class EndpointTags {
  readonly #pool: Pool;
  readonly #byId = new Map<EndpointId, EndpointTag>();
  readonly #byTag = new Map<EndpointTag, EndpointId>();
  /** The endpoints whose tags these are: the pool has another list once they change. */
  #endpoints: readonly Endpoint[] = [];

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#follow();
  }

  /** The tag of the endpoint of a pin; undefined if the pool does not have it. */
  of(id: EndpointId): EndpointTag | undefined {
    this.#follow();
    return this.#byId.get(id);
  }

  /** The endpoint of a tag, as pins name it; undefined if the pool does not have it. */
  find(tag: EndpointTag): EndpointId | undefined {
    this.#follow();
    return this.#byTag.get(tag);
  }

  #follow(): void {
    const { endpoints } = this.#pool;
    if (endpoints === this.#endpoints) return;
    this.#endpoints = endpoints;
    this.#byId.clear();
    this.#byTag.clear();
    for (const id of endpoints.flatMap(pinIdsOf)) {
      const tag = endpointTagOf(id);
      this.#byId.set(id, tag);
      this.#byTag.set(tag, id);
    }
  }
}
