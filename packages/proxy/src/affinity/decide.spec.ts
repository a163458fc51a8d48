import { type Arrival, type EndpointId, endpointId, type Pin, poolName } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Decision,
  decide,
  type Knowledge,
  type Situation,
  type Standing,
  type Vouched,
} from './decide.ts';

const shop = poolName('shop');
const a = endpointId(shop, 'a');
const b = endpointId(shop, 'b');
const gone = endpointId(shop, 'gone');

const NOW = 1_700_000_000_000;
const pinAt = (endpoint: EndpointId, version: number, pinnedAtMs = NOW - 60_000): Pin => ({
  endpoint,
  version,
  pinnedAtMs,
  expiresAtMs: NOW + 60_000,
  endsAtMs: NOW + 3_600_000,
});

const serving: Standing = { kind: 'serving' };
const down: Standing = { kind: 'down' };
const suspect: Standing = { kind: 'suspect' };
const busy: Standing = { kind: 'busy' };
const replaced: Standing = { kind: 'replaced' };
const unknown: Standing = { kind: 'unknown' };
const drainingFor = (ms: number): Standing => ({ kind: 'draining', sinceMs: NOW - ms });

const pinned = (pin: Pin): Knowledge => ({ kind: 'pinned', pin });
const unpinned: Knowledge = { kind: 'unpinned' };
const unavailable = (pin?: Pin): Knowledge => ({ kind: 'store-unavailable', pin });
const vouchedFor = (pin: Pin): Vouched => ({ kind: 'known', pin });
const vouchedForUnknown = (version: number): Vouched => ({
  kind: 'endpoint-unknown',
  version,
  endsAtMs: NOW + 3_600_000,
});

interface Row {
  readonly name: string;
  readonly knowledge: Knowledge;
  readonly vouched?: Vouched;
  /** How the endpoints stand; those not named are unknown. */
  readonly standing: Readonly<Record<string, Standing>>;
  readonly onEndpointDown?: 'repin' | 'fail';
  readonly expected: Decision;
}

const situation = ({
  knowledge,
  vouched,
  standing,
  onEndpointDown = 'repin',
}: Omit<Row, 'name' | 'expected'>): Situation => ({
  knowledge,
  vouched,
  standingOf: ({ endpoint }) => standing[endpoint] ?? unknown,
  anyUsable: Object.values(standing).some(({ kind }) => kind === 'serving' || kind === 'draining'),
  onEndpointDown,
});

const p1 = pinAt(a, 1);
const p2 = pinAt(b, 2);
const arrival: Arrival = { from: a, reason: 'rebalanced' };
const arriving: Pin = { ...p2, arrival };

const tables: Readonly<Record<string, readonly Row[]>> = {
  'a session with a living pin': [
    {
      name: 'is served by its endpoint',
      knowledge: pinned(p1),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'keep', pin: p1 },
    },
    {
      name: 'arrives, by compare-and-set, where it was moved between its requests',
      knowledge: pinned(arriving),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'arrive', pin: arriving, arrival },
    },
    {
      name: 'moves on from where it never arrived, if that is down by now',
      knowledge: pinned(arriving),
      standing: { [a]: serving, [b]: down },
      expected: { kind: 'repin', from: arriving, reason: 'endpoint-down' },
    },
    {
      name: 'is moved by compare-and-set when its endpoint is down',
      knowledge: pinned(p1),
      standing: { [a]: down, [b]: serving },
      expected: { kind: 'repin', from: p1, reason: 'endpoint-down' },
    },
    {
      name: 'waits for its endpoint where the pool says so',
      knowledge: pinned(p1),
      standing: { [a]: down, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'refuse', reason: 'endpoint-down' },
    },
    {
      name: 'is served elsewhere, its pin kept and its cookie untouched, when only this node holds its endpoint down',
      knowledge: pinned(p1),
      standing: { [a]: suspect, [b]: serving },
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: undefined,
        from: undefined,
        reason: 'endpoint-suspect',
        kept: p1,
      },
    },
    {
      name: 'waits for an endpoint that only this node holds down, where the pool has it wait',
      knowledge: pinned(p1),
      standing: { [a]: suspect, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'refuse', reason: 'endpoint-down' },
    },
    {
      name: 'is refused where this node reaches nothing, whatever the others reach',
      knowledge: pinned(p1),
      standing: { [a]: suspect, [b]: suspect },
      expected: { kind: 'refuse', reason: 'all-down' },
    },
    {
      name: 'is served elsewhere, and not assumed to have moved, while the store does not answer and only this node holds its endpoint down',
      knowledge: unavailable(p1),
      vouched: vouchedFor(p1),
      standing: { [a]: suspect, [b]: serving },
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: undefined,
        from: undefined,
        reason: 'endpoint-suspect',
      },
    },
    {
      name: 'is refused, the store away, where it is to wait for an endpoint that only this node holds down',
      knowledge: unavailable(p1),
      standing: { [a]: suspect, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'refuse', reason: 'endpoint-down' },
    },
    {
      name: 'keeps its pin when every endpoint is down',
      knowledge: pinned(p1),
      standing: { [a]: down, [b]: down },
      expected: { kind: 'refuse', reason: 'all-down' },
    },
    {
      name: 'stays on a draining endpoint that it came to before the drain',
      knowledge: pinned(pinAt(a, 1, NOW - 60_000)),
      standing: { [a]: drainingFor(30_000), [b]: serving },
      expected: { kind: 'keep', pin: pinAt(a, 1, NOW - 60_000) },
    },
    {
      name: 'leaves a draining endpoint that it came to after the drain began, as another node had not heard of it',
      knowledge: pinned(pinAt(a, 1, NOW - 10_000)),
      standing: { [a]: drainingFor(30_000), [b]: serving },
      expected: { kind: 'repin', from: pinAt(a, 1, NOW - 10_000), reason: 'endpoint-drained' },
    },
    {
      name: 'leaves an endpoint that is busy, even if it would wait for one that is down',
      knowledge: pinned(p1),
      standing: { [a]: busy, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'repin', from: p1, reason: 'endpoint-busy' },
    },
    {
      name: 'stays with an endpoint that is busy while the store does not answer',
      knowledge: unavailable(p1),
      standing: { [a]: busy, [b]: serving },
      expected: { kind: 'fallback', pin: p1, cookieVersion: 1, from: undefined, reason: undefined },
    },
    {
      name: 'leaves an endpoint where another process serves by now, even if it would wait for one that is down',
      knowledge: pinned(p1),
      standing: { [a]: replaced, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'repin', from: p1, reason: 'endpoint-replaced' },
    },
    {
      name: 'leaves an endpoint that discovery has not named for long, even if it would wait for one that is down',
      knowledge: pinned(pinAt(gone, 3)),
      standing: { [gone]: { kind: 'gone' }, [a]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'repin', from: pinAt(gone, 3), reason: 'endpoint-gone' },
    },
    {
      name: 'is served elsewhere, its pin and cookie untouched, when this node does not know its endpoint',
      knowledge: pinned(pinAt(gone, 3)),
      standing: { [a]: serving },
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: undefined,
        from: undefined,
        reason: 'endpoint-removed',
      },
    },
    {
      name: 'follows the store, not an older cookie',
      knowledge: pinned(p2),
      vouched: vouchedFor(p1),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'keep', pin: p2 },
    },
    {
      name: 'follows a newer cookie when the store has lost an acknowledged move',
      knowledge: pinned(p1),
      vouched: vouchedFor(p2),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'adopt', pin: p2, expectedVersion: 1 },
    },
  ],
  'a session that the store does not know': [
    {
      name: 'is pinned anew by the balance policy',
      knowledge: unpinned,
      standing: { [a]: serving },
      expected: { kind: 'pin', version: 1 },
    },
    {
      name: 'is refused when every endpoint is down',
      knowledge: unpinned,
      standing: { [a]: down },
      expected: { kind: 'refuse', reason: 'all-down' },
    },
    {
      name: 'is written back to where its fresh cookie says',
      knowledge: unpinned,
      vouched: vouchedFor(p2),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'adopt', pin: p2, expectedVersion: 0 },
    },
    {
      name: 'is written back even to an endpoint that is down: the move comes after, by compare-and-set',
      knowledge: unpinned,
      vouched: vouchedFor(p2),
      standing: { [a]: serving, [b]: down },
      expected: { kind: 'adopt', pin: p2, expectedVersion: 0 },
    },
    {
      name: 'is pinned anew with a higher version when the endpoint of its cookie is gone',
      knowledge: unpinned,
      vouched: vouchedForUnknown(4),
      standing: { [a]: serving },
      expected: { kind: 'pin', version: 5 },
    },
  ],
  'a session while the store is unavailable': [
    {
      name: 'goes where its cookie says',
      knowledge: unavailable(),
      vouched: vouchedFor(p1),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'fallback', pin: p1, cookieVersion: 1, from: undefined, reason: undefined },
    },
    {
      name: 'goes where the near cache says when that is newer than the cookie',
      knowledge: unavailable(p2),
      vouched: vouchedFor(p1),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'fallback', pin: p2, cookieVersion: 2, from: undefined, reason: undefined },
    },
    {
      name: 'goes where every node computes, with a cookie that will win, when its endpoint is down',
      knowledge: unavailable(),
      vouched: vouchedFor(p2),
      standing: { [a]: serving, [b]: down },
      expected: { kind: 'fallback', pin: undefined, cookieVersion: 3, from: b, reason: 'endpoint-down' },
    },
    {
      name: 'goes where every node computes when another process serves at its endpoint, even if it would wait for one',
      knowledge: unavailable(p1),
      standing: { [a]: replaced, [b]: serving },
      onEndpointDown: 'fail',
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: 2,
        from: a,
        reason: 'endpoint-replaced',
      },
    },
    {
      name: 'goes where every node computes, with a cookie that will win, when discovery has not named its endpoint for long',
      knowledge: unavailable(pinAt(gone, 3)),
      standing: { [gone]: { kind: 'gone' }, [a]: serving },
      expected: { kind: 'fallback', pin: undefined, cookieVersion: 4, from: gone, reason: 'endpoint-gone' },
    },
    {
      name: 'is served elsewhere, its cookie untouched, when this node does not know its endpoint any more',
      knowledge: unavailable(pinAt(gone, 3)),
      standing: { [a]: serving },
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: undefined,
        from: undefined,
        reason: 'endpoint-removed',
      },
    },
    {
      name: 'is served elsewhere, its cookie untouched, when that is of a later place than this node knows of',
      knowledge: unavailable(p2),
      vouched: vouchedForUnknown(3),
      standing: { [a]: serving, [b]: serving },
      expected: {
        kind: 'fallback',
        pin: undefined,
        cookieVersion: undefined,
        from: undefined,
        reason: 'endpoint-removed',
      },
    },
    {
      name: 'stays where the near cache says when its cookie is of an earlier place that this node does not know',
      knowledge: unavailable(p2),
      vouched: vouchedForUnknown(1),
      standing: { [a]: serving, [b]: serving },
      expected: { kind: 'fallback', pin: p2, cookieVersion: 2, from: undefined, reason: undefined },
    },
    {
      name: 'goes where every node computes when nothing is known of it',
      knowledge: unavailable(),
      standing: { [a]: serving },
      expected: { kind: 'fallback', pin: undefined, cookieVersion: 1, from: undefined, reason: undefined },
    },
    {
      name: 'waits for its endpoint where the pool says so',
      knowledge: unavailable(p1),
      standing: { [a]: down, [b]: serving },
      onEndpointDown: 'fail',
      expected: { kind: 'refuse', reason: 'endpoint-down' },
    },
    {
      name: 'is refused when every endpoint is down',
      knowledge: unavailable(p1),
      standing: { [a]: down, [b]: down },
      expected: { kind: 'refuse', reason: 'all-down' },
    },
  ],
};

describe('the decision', () => {
  for (const [subject, rows] of Object.entries(tables)) {
    describe(subject, () => {
      it.each(rows)('$name', ({ name: _, expected, ...given }) => {
        expect(decide(situation(given))).toEqual(expected);
      });
    });
  }
});

describe('the decision, for every situation', () => {
  const standing = fc.constantFrom<Standing>(
    serving,
    down,
    suspect,
    drainingFor(30_000),
    drainingFor(90_000),
  );
  const pin = fc
    .record({ endpoint: fc.constantFrom(a, b), version: fc.integer({ min: 1, max: 9 }) })
    .map((p) => pinAt(p.endpoint, p.version));
  const knowledge = fc.oneof(
    pin.map(pinned),
    fc.constant(unpinned),
    fc.option(pin, { nil: undefined }).map(unavailable),
  );
  const vouched = fc.option(pin.map(vouchedFor), { nil: undefined });
  const situations = fc
    .record({
      knowledge,
      vouched,
      standing: fc.record({ [a]: standing, [b]: standing }),
      onEndpointDown: fc.constantFrom('repin' as const, 'fail' as const),
    })
    .map((given) => ({
      given,
      situation: situation({ ...given, ...(given.vouched && { vouched: given.vouched }) } as Row),
    }));

  it('never sends a request to an endpoint that is down', () => {
    fc.assert(
      fc.property(situations, ({ given, situation: s }) => {
        const decision = decide(s);
        if (decision.kind !== 'keep' && (decision.kind !== 'fallback' || decision.pin === undefined)) return;
        const at = decision.kind === 'keep' ? decision.pin.endpoint : (decision.pin as Pin).endpoint;
        expect(['down', 'suspect']).not.toContain(given.standing[at]?.kind);
      }),
    );
  });

  it('never moves a session whose endpoint may keep it', () => {
    fc.assert(
      fc.property(situations, ({ given, situation: s }) => {
        const decision = decide(s);
        if (decision.kind !== 'repin') return;
        const from = given.standing[decision.from.endpoint] as Standing;
        expect(
          from.kind === 'down' || (from.kind === 'draining' && decision.from.pinnedAtMs >= from.sinceMs),
        ).toBe(true);
      }),
    );
  });

  it('never writes to the store while every endpoint is down, except what the store has lost', () => {
    fc.assert(
      fc.property(situations, ({ given, situation: s }) => {
        fc.pre(Object.values(given.standing).every(({ kind }) => kind === 'down' || kind === 'suspect'));
        expect(['refuse', 'adopt']).toContain(decide(s).kind);
      }),
    );
  });

  it('never lets a version fall: what is written or promised is at least as new as all that is known', () => {
    fc.assert(
      fc.property(situations, ({ given, situation: s }) => {
        const known = [
          given.knowledge.kind === 'unpinned' ? 0 : (given.knowledge.pin?.version ?? 0),
          given.vouched?.kind === 'known' ? given.vouched.pin.version : 0,
        ];
        const decision = decide(s);
        if (decision.kind === 'refuse') return;
        expect(versionOf(decision)).toBeGreaterThanOrEqual(Math.max(...known));
      }),
    );
  });
});

/** The version that stands, or that the client is given, once the decision has been carried out. */
function versionOf(decision: Exclude<Decision, { kind: 'refuse' }>): number {
  switch (decision.kind) {
    case 'keep':
    case 'adopt':
      return decision.pin.version;
    case 'arrive':
      return decision.pin.version + 1;
    case 'pin':
      return decision.version;
    case 'repin':
      return decision.from.version + 1;
    case 'fallback':
      return decision.cookieVersion ?? Number.POSITIVE_INFINITY;
  }
}
