import { type EndpointId, endpointOfPin } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { endpointTagOf } from './cookie-seal.ts';
import type { EndpointTag } from './voucher.ts';

/**
 * The tags that stand in cookies for the endpoints that a pool has at the moment. They do not say which process served
 * there: a node that has yet to ask must believe a cookie while there is no store.
 */
export class EndpointTags {
  readonly #pool: Pool;
  /** By all that pins which are made now may say of the endpoint. */
  readonly #byPinId = new Map<EndpointId, EndpointTag>();
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
    return this.#byPinId.get(id) ?? this.#byPinId.get(endpointOfPin(id));
  }

  /** The endpoint of a tag; undefined if the pool does not have it. */
  find(tag: EndpointTag): EndpointId | undefined {
    this.#follow();
    return this.#byTag.get(tag);
  }

  #follow(): void {
    const { endpoints } = this.#pool;
    if (endpoints === this.#endpoints) return;
    this.#endpoints = endpoints;
    this.#byPinId.clear();
    this.#byTag.clear();
    for (const { id, pinId } of endpoints) {
      const tag = endpointTagOf(id);
      this.#byPinId.set(id, tag).set(pinId, tag);
      this.#byTag.set(tag, id);
    }
  }
}
