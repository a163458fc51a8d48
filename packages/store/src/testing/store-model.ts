import { type EndpointId, isAlive, type Pin, type SessionKey } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Touch } from '../session-store.ts';
import type { Store } from '../store.ts';
import { listAll } from './session-inventory-contract.ts';
import { type ArrangeWorld, endpointOf, keyOf, pinWith, START_MS } from './store-world.ts';

/** One step of a history, taken by one of two nodes after some time has passed. */
type Step = { readonly node: 0 | 1; readonly passedMs: number } & (
  | { readonly kind: 'find'; readonly key: SessionKey }
  | { readonly kind: 'pin'; readonly key: SessionKey; readonly draft: PinDraft }
  | {
      readonly kind: 'repin';
      readonly key: SessionKey;
      readonly expectedVersion: number;
      readonly draft: PinDraft;
    }
  | { readonly kind: 'touch'; readonly drafts: readonly TouchDraft[] }
  | { readonly kind: 'unpin'; readonly key: SessionKey; readonly expectedVersion: number | undefined }
  | { readonly kind: 'count' }
);

/** A pin by its distances from now. */
interface PinDraft {
  readonly endpoint: EndpointId;
  readonly idleMs: number;
  readonly restMs: number;
  /** The first key of the session that the pin is an alias of. */
  readonly root?: SessionKey;
}

interface TouchDraft {
  readonly key: SessionKey;
  readonly endpoint: EndpointId;
  readonly version: number;
  readonly idleMs: number;
}

// Few keys, versions and small times, so that steps meet each other and the deadlines again and again.
const key = fc.integer({ min: 0, max: 3 }).map(keyOf);
const endpoint = fc.integer({ min: 1, max: 3 }).map(endpointOf);
const version = fc.integer({ min: 1, max: 4 });
const idleMs = fc.integer({ min: 1, max: 40 });
const draft = fc.record(
  { endpoint, idleMs, restMs: fc.integer({ min: 1, max: 80 }), root: key },
  { requiredKeys: ['endpoint', 'idleMs', 'restMs'] },
);
const moment = { node: fc.constantFrom<0 | 1>(0, 1), passedMs: fc.integer({ min: 0, max: 15 }) };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ ...moment, kind: fc.constant('find' as const), key }),
  fc.record({ ...moment, kind: fc.constant('pin' as const), key, draft }),
  fc.record({ ...moment, kind: fc.constant('repin' as const), key, expectedVersion: version, draft }),
  fc.record({
    ...moment,
    kind: fc.constant('touch' as const),
    drafts: fc.array(fc.record({ key, endpoint, version, idleMs }), { maxLength: 4 }),
  }),
  fc.record({
    ...moment,
    kind: fc.constant('unpin' as const),
    key,
    expectedVersion: fc.option(version, { nil: undefined }),
  }),
  fc.record({ ...moment, kind: fc.constant('count' as const) }),
);

/** What a session map is: a map, and a clock. It says in the plainest way what all adapters must answer. */
class StoreModel {
  readonly #pins = new Map<SessionKey, Pin>();
  nowMs = START_MS;

  living(key: SessionKey): Pin | undefined {
    const pin = this.#pins.get(key);
    return pin !== undefined && isAlive(pin, this.nowMs) ? pin : undefined;
  }

  pinOf({ idleMs, restMs, ...place }: PinDraft, version: number): Pin {
    const { nowMs } = this;
    const deadlines = { expiresAtMs: nowMs + idleMs, endsAtMs: nowMs + restMs };
    return pinWith({ ...place, version, pinnedAtMs: nowMs, ...deadlines });
  }

  write(key: SessionKey, pin: Pin): Pin {
    const written = { ...pin, expiresAtMs: Math.min(pin.expiresAtMs, pin.endsAtMs) };
    this.#pins.set(key, written);
    return written;
  }

  touch({ key, endpoint, version, expiresAtMs }: Touch) {
    const pin = this.living(key);
    if (pin === undefined) return { kind: 'absent' };
    if (pin.endpoint !== endpoint || pin.version !== version) return { kind: 'moved', pin };
    this.write(key, { ...pin, expiresAtMs: Math.max(pin.expiresAtMs, expiresAtMs) });
    return { kind: 'touched' };
  }

  unpin(key: SessionKey, expectedVersion: number | undefined): boolean {
    const pin = this.living(key);
    if (pin === undefined || (expectedVersion ?? pin.version) !== pin.version) return false;
    return this.#pins.delete(key);
  }

  sessions(): [SessionKey, Pin][] {
    return [...this.#pins].filter(([, pin]) => isAlive(pin, this.nowMs));
  }

  countByEndpoint(): Map<EndpointId, number> {
    const counts = new Map<EndpointId, number>();
    for (const [, { endpoint }] of this.sessions()) counts.set(endpoint, (counts.get(endpoint) ?? 0) + 1);
    return counts;
  }
}

/** Takes a step on the model and on a node, and compares what both answer. */
async function takeStep(model: StoreModel, { sessions, inventory }: Store, step: Step): Promise<void> {
  model.nowMs += step.passedMs;
  const { nowMs } = model;
  switch (step.kind) {
    case 'find':
      return expect(await sessions.find(step.key, nowMs)).toEqual(model.living(step.key));
    case 'pin': {
      const proposed = model.pinOf(step.draft, 1);
      const current = model.living(step.key);
      const result = await sessions.pin(step.key, proposed, nowMs);
      if (current !== undefined) return expect(result).toEqual({ kind: 'already-pinned', pin: current });
      return expect(result).toEqual({ kind: 'pinned', pin: model.write(step.key, proposed) });
    }
    case 'repin': {
      const proposed = model.pinOf(step.draft, step.expectedVersion + 1);
      const current = model.living(step.key);
      const result = await sessions.repin(step.key, step.expectedVersion, proposed, nowMs);
      if (current !== undefined && current.version !== step.expectedVersion) {
        return expect(result).toEqual({ kind: 'lost', pin: current });
      }
      return expect(result).toEqual({ kind: 'repinned', pin: model.write(step.key, proposed) });
    }
    case 'touch': {
      const touches = step.drafts.map(({ idleMs, ...touch }) => ({ ...touch, expiresAtMs: nowMs + idleMs }));
      const results = await sessions.touch(touches, nowMs);
      return expect(results).toEqual(touches.map((touch) => model.touch(touch)));
    }
    case 'unpin': {
      const result = await sessions.unpin(step.key, step.expectedVersion, nowMs);
      return expect(result).toBe(model.unpin(step.key, step.expectedVersion));
    }
    case 'count':
      return expect(await inventory.countByEndpoint(nowMs)).toEqual(model.countByEndpoint());
  }
}

/** Random histories of two nodes have the same answers as a plain map. */
export function storeModelContract(arrange: ArrangeWorld, histories = 60): void {
  describe('histories', () => {
    it('of two nodes are answered as by one plain map', { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), async (steps) => {
          const world = await arrange();
          const nodes = [await world.open(), await world.open()] as const;
          const model = new StoreModel();
          try {
            for (const next of steps) await takeStep(model, nodes[next.node], next);
            const listed = await listAll(nodes[0].inventory, { limit: 2 }, model.nowMs);
            expect(new Map(listed.map(({ key, pin }) => [key, pin]))).toEqual(new Map(model.sessions()));
            expect(await nodes[1].inventory.countByEndpoint(model.nowMs)).toEqual(model.countByEndpoint());
          } finally {
            for (const node of nodes) await node.close();
            await world.end?.();
          }
        }),
        { numRuns: histories },
      );
    });
  });
}
