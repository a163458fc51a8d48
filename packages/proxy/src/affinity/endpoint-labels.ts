import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { LabelOfAddress } from './address-label.ts';

const NOBODY: readonly Endpoint[] = [];

/** The labels of the endpoints that a pool has at the moment. */
export class EndpointLabels {
  readonly #pool: Pool;
  readonly #labelOfAddress: LabelOfAddress;
  readonly #byEndpoint = new Map<Endpoint, string>();
  readonly #byLabel = new Map<string, Endpoint[]>();
  /** The endpoints whose labels these are: the pool has another list once they change. */
  #endpoints: readonly Endpoint[] = [];

  /** @param labelOfAddress for endpoints without a label of their own */
  constructor(pool: Pool, labelOfAddress: LabelOfAddress) {
    this.#pool = pool;
    this.#labelOfAddress = labelOfAddress;
  }

  /** The label of an endpoint; undefined if it has none. */
  of(endpoint: Endpoint): string | undefined {
    this.#follow();
    return this.#byEndpoint.get(endpoint);
  }

  /** The endpoints of a label, in the order of the configuration: mostly one. */
  find(label: string): readonly Endpoint[] {
    this.#follow();
    return this.#byLabel.get(label) ?? NOBODY;
  }

  #follow(): void {
    const { endpoints } = this.#pool;
    if (endpoints === this.#endpoints) return;
    this.#endpoints = endpoints;
    this.#byEndpoint.clear();
    this.#byLabel.clear();
    for (const endpoint of endpoints) {
      const label = endpoint.label ?? this.#labelOfAddress(endpoint.origin);
      if (label === undefined) continue;
      this.#byEndpoint.set(endpoint, label);
      const namesakes = this.#byLabel.get(label);
      if (namesakes === undefined) this.#byLabel.set(label, [endpoint]);
      else namesakes.push(endpoint);
    }
  }
}
