import { type Clock, type EndpointId, HoldfastError, type Logger } from '@holdfast/shared';
import type { Drain, Drains, SessionInventory } from '@holdfast/store';
import type { Endpoint } from '../pool/endpoint.ts';
import { pinsByEndpoint } from '../pool/pins-by-endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { type Answer, failed, type Refusal, refused, told } from './answer.ts';
import type { QuestionOf } from './question.ts';

/** Where the parts of a process that operators steer are found. */
export interface DrainOperationsParts {
  readonly drains: Drains;
  readonly inventory: SessionInventory;
  /** Whether the store answers, as far as this process has noticed. */
  readonly isStoreAvailable: () => boolean;
  /** Has this process go by what the store says of drains, now. */
  readonly look: () => Promise<unknown>;
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  readonly clock: Clock;
  readonly log: Logger;
}

/** What is recorded of an endpoint's drain, as a tag that is another one after each change. */
export const drainTag = (
  drain: { readonly sinceMs: number; readonly deadlineMs?: number | undefined } | undefined,
): string => (drain === undefined ? 'serving' : `draining-${drain.sinceMs}-${drain.deadlineMs ?? 'never'}`);

/** How often a change is tried again that another operator's change has overtaken. */
const ATTEMPTS_MAX = 5;

/** Begins and ends drains, for the whole cluster. */
export class DrainOperations {
  readonly #parts: DrainOperationsParts;

  constructor(parts: DrainOperationsParts) {
    this.#parts = parts;
  }

  /** Drains, and living pins by endpoint. */
  occupancy(): Promise<Answer> {
    const { drains, inventory, clock } = this.#parts;
    return this.#tell(async () => {
      const [all, counts] = await Promise.all([drains.list(), inventory.countByEndpoint(clock.now())]);
      return { drains: all, pinned: Object.fromEntries(pinsByEndpoint(counts)) };
    });
  }

  list(): Promise<Answer> {
    return this.#tell(async () => ({ drains: await this.#parts.drains.list() }));
  }

  /** Whoever asks how things are in an outage waits for no deadline of the store. */
  async #tell(ask: () => Promise<object>): Promise<Answer> {
    if (!this.#parts.isStoreAvailable())
      return failed(new HoldfastError('STORE_UNAVAILABLE', 'the store is unavailable'));
    try {
      return told(await ask());
    } catch (error) {
      return failed(error);
    }
  }

  /** A drain that is under way keeps its beginning: what is new is its deadline. */
  drain({ endpoint, withinMs, tag }: QuestionOf<'drain'>): Promise<Answer> {
    const known = this.#find(endpoint);
    if (known === undefined) return Promise.resolve(unknownEndpoint(endpoint));
    const nowMs = this.#parts.clock.now();
    return this.#change(known.id, tag, (current) => ({
      endpoint: known.id,
      sinceMs: current?.sinceMs ?? nowMs,
      ...(withinMs !== undefined && { deadlineMs: nowMs + withinMs }),
    }));
  }

  /** Also for an endpoint that no node has any more: what is recorded of it would wait for its return. */
  undrain({ endpoint, tag }: QuestionOf<'undrain'>): Promise<Answer> {
    return this.#change(endpoint as EndpointId, tag, () => undefined);
  }

  async #change(
    endpoint: EndpointId,
    tag: string | undefined,
    nextOf: (current: Drain | undefined) => Drain | undefined,
  ): Promise<Answer> {
    const { drains, look, log } = this.#parts;
    try {
      let current = (await drains.list()).find((drain) => drain.endpoint === endpoint);
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        if (current === undefined && this.#find(endpoint) === undefined) return unknownEndpoint(endpoint);
        if (tag !== undefined && tag !== drainTag(current)) return overtaken(endpoint);
        const next = nextOf(current);
        const result = await drains.change(endpoint, current, next);
        if (result.kind === 'changed') {
          await look();
          log.info({ endpoint }, next === undefined ? 'drain ended by operator' : 'drain by operator');
          return told(next);
        }
        current = result.drain;
      }
      return overtaken(endpoint);
    } catch (error) {
      return failed(error);
    }
  }

  #find(id: string): Endpoint | undefined {
    return this.#parts.pools.all.map(({ pool }) => pool.find(id as EndpointId)).find((found) => found);
  }
}

const unknownEndpoint = (endpoint: string): Answer =>
  refused(
    'DOWNSTREAM_NOT_FOUND',
    `no endpoint "${endpoint}" in the configuration of this node: GET /endpoints lists those that there are`,
  );

/** Whoever has seen another state of an endpoint than there is. */
export const overtaken = (endpoint: string): Refusal =>
  refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `endpoint "${endpoint}" has been changed meanwhile: read it again, and decide again`,
  );
