import type { EpochMs } from '@holdfast/shared';
import { endpointAddress } from '@holdfast/shared/config';
import type { z } from 'zod';
import type { Operations } from './admin-app.ts';
import { type Answer, type Refusal, refused } from './answer.ts';
import type { API, EndpointView } from './api.ts';
import { overtaken } from './drain-operations.ts';
import { endpointViews, type TaggedEndpoint } from './endpoint-views.ts';
import { readOccupancy } from './occupancy.ts';
import { reasonsToStay } from './termination.ts';

type Addition = z.output<typeof API.addEndpoint.body>;

/** What somebody who removes an endpoint goes by. */
export interface RemovalWish {
  /** The state that was seen; undefined: whatever it is. */
  readonly tag: string | undefined;
  /** Whether it goes even if somebody would notice. */
  readonly isForced: boolean;
}

/** Where endpoints are looked at, added and removed, by the API and by the console. */
export class EndpointDesk {
  readonly #operations: Pick<Operations, 'status' | 'ask' | 'clock'>;

  constructor(operations: Pick<Operations, 'status' | 'ask' | 'clock'>) {
    this.#operations = operations;
  }

  async all(): Promise<readonly TaggedEndpoint[]> {
    const { status, ask } = this.#operations;
    const [reported, occupied] = await Promise.all([status.report(), ask({ kind: 'occupancy' })]);
    return endpointViews(reported, readOccupancy(occupied));
  }

  async find(id: string): Promise<TaggedEndpoint | undefined> {
    return (await this.all()).find(({ view }) => view.id === id);
  }

  /** Answers with the id under which it was added. */
  async add(
    pool: string,
    endpoint: Addition,
  ): Promise<{ readonly kind: 'added'; readonly id: string } | Refusal> {
    const id = endpoint.id ?? endpointAddress(endpoint.url);
    const answer = await this.#operations.ask({ kind: 'add-endpoint', pool, id, endpoint });
    return answer.kind === 'refused' ? answer : { kind: 'added', id: `${pool}/${id}` };
  }

  async remove(pool: string, id: string, { tag, isForced }: RemovalWish): Promise<Answer> {
    const { ask, clock } = this.#operations;
    const full = `${pool}/${id}`;
    const found = await this.find(full);
    if (found === undefined) return unknownEndpoint(full);
    if (tag !== undefined && tag !== found.tag) return overtaken(full);
    const reasons = isForced ? [] : reasonsAgainstRemoval(found.view, clock.now());
    return reasons.length > 0 ? stillNeeded(full, reasons) : ask({ kind: 'remove-endpoint', pool, id });
  }
}

export const unknownEndpoint = (id: string): Refusal =>
  refused('DOWNSTREAM_NOT_FOUND', `no endpoint "${id}": GET /endpoints lists those that there are`);

/** Sessions that are left could not be followed any more, nor moved. */
function reasonsAgainstRemoval(endpoint: EndpointView, nowMs: EpochMs): readonly string[] {
  const reasons = reasonsToStay(endpoint, nowMs);
  return reasons.length === 0 && endpoint.pinned !== 0 ? [`${endpoint.pinned} sessions left`] : reasons;
}

const stillNeeded = (id: string, reasons: readonly string[]): Refusal =>
  refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `endpoint "${id}" is still needed: ${reasons.join('; ')}. Drain it first, or remove it all the same with force=true`,
  );
