import { describe, expect, it } from 'vitest';
import { checkHistory } from './check-history.ts';
import type { Fact, History, Terms, Visit } from './history.ts';

const TERMS: Terms = {
  idleTimeoutMs: 60_000,
  staleMsMax: 3_000,
  noticeMsMax: 500,
  drainKnownAfterMs: 1_000,
  clockSkewMsMax: 0,
};

const ENDPOINTS = ['a', 'b', 'c'];
/** Two nodes that know three endpoints. */
const START: readonly Fact[] = ['one', 'two'].map((node) => ({
  atMs: 0,
  kind: 'configured',
  node,
  endpoints: ENDPOINTS,
}));

let visits = 0;

/** A visit of the session `s` at node `one`, which takes ten milliseconds. */
function visit(beganAtMs: number, servedBy: string | undefined, changes: Partial<Visit> = {}): Visit {
  return {
    id: `visit-${++visits}`,
    client: 'client',
    session: 's',
    by: 'key',
    method: 'GET',
    node: 'one',
    beganAtMs,
    endedAtMs: beganAtMs + 10,
    reached: servedBy === undefined ? [] : [servedBy],
    servedBy,
    status: servedBy === undefined ? 503 : 200,
    outcome: 'hit',
    version: 1,
    ...changes,
  };
}

const created = (beganAtMs: number, servedBy: string, changes: Partial<Visit> = {}): Visit =>
  visit(beganAtMs, servedBy, { outcome: 'created', ...changes });

/** What is found in a history, in the order in which it is found. */
function found(seen: readonly Visit[], facts: readonly Fact[] = [], rest: Partial<History> = {}): string[] {
  const history = { visits: seen, facts: [...START, ...facts], terms: TERMS, ...rest };
  return checkHistory(history).map(({ invariant }) => invariant);
}

const down = (atMs: number, endpoint: string): Fact => ({ atMs, kind: 'endpoint-down', endpoint });
const up = (atMs: number, endpoint: string): Fact => ({ atMs, kind: 'endpoint-up', endpoint });
const settled = (atMs: number): Fact => ({ atMs, kind: 'settled' });

describe('a history in which promises were kept', () => {
  it('of a session that stays', () => {
    expect(found([created(0, 'a'), visit(100, 'a', { node: 'two' }), visit(200, 'a')])).toEqual([]);
  });

  it('of a session that moves because its endpoint dies, and stays there when it is back', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(1_200, 'b', { node: 'two', outcome: 'adopted', version: 2 }),
      visit(9_000, 'b', { version: 2 }),
    ];
    expect(found(seen, [down(1_000, 'a'), up(5_000, 'a')])).toEqual([]);
  });

  it('of a node that goes by an old place for a moment', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(2_000, 'a', { node: 'two' }),
      visit(6_000, 'b', { node: 'two', version: 2 }),
    ];
    expect(found(seen, [down(1_000, 'a'), up(1_200, 'a')])).toEqual([]);
  });

  it('of a session that was forgotten because it was idle', () => {
    expect(found([created(0, 'a'), created(80_000, 'b')])).toEqual([]);
  });

  it('of a session by key that the session map has lost', () => {
    const lost: Fact = { atMs: 500, kind: 'store-lost', sinceMs: 0 };
    expect(found([created(0, 'a'), created(1_000, 'b')], [lost])).toEqual([]);
  });

  it('of requests that nobody could answer', () => {
    const facts = ENDPOINTS.map((endpoint) => down(500, endpoint));
    expect(
      found([created(0, 'a'), visit(1_000, undefined, { error: 'UPSTREAM_NONE_AVAILABLE' })], facts),
    ).toEqual([]);
  });
});

describe('a history that breaks', () => {
  it('I1: one version stands for two endpoints', () => {
    expect(found([created(0, 'a'), visit(100, 'b', { node: 'two' })])).toContain('I1');
  });

  it('I1: two nodes begin the same session', () => {
    expect(found([created(0, 'a'), created(5, 'b', { node: 'two' })])).toContain('I1');
  });

  it('I1: a session is begun anew though its client was there a moment ago', () => {
    expect(found([created(0, 'a', { by: 'cookie' }), created(1_000, 'a', { by: 'cookie' })])).toEqual(['I1']);
  });

  it('I1: a client with a cookie is a stranger because the session map lost something', () => {
    const lost: Fact = { atMs: 500, kind: 'store-lost', sinceMs: 0 };
    const seen = [created(0, 'a', { by: 'cookie' }), created(1_000, 'b', { by: 'cookie' })];
    expect(found(seen, [lost])).toEqual(['I1']);
  });

  it('I1: a node goes by an old place for too long', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(6_000, 'a', { node: 'two' }),
    ];
    expect(found(seen, [down(1_000, 'a'), up(1_200, 'a')])).toEqual(['I1']);
  });

  it('I1: a session is served elsewhere for no reason', () => {
    expect(found([created(0, 'a'), visit(100, 'b', { outcome: 'fallback', version: undefined })])).toEqual([
      'I1',
    ]);
  });

  it('I2: a session moves though its endpoint is fit', () => {
    expect(found([created(0, 'a'), visit(100, 'b', { outcome: 'repinned', version: 2 })])).toEqual(['I2']);
  });

  it('I2: a session moves twice for one failure', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(1_200, 'c', { outcome: 'repinned', version: 3 }),
    ];
    expect(found(seen, [down(1_000, 'a')])).toEqual(['I2']);
  });

  it('I2: a session moves long after its endpoint was back, and was seen there since', () => {
    const seen = [created(0, 'a'), visit(5_000, 'a'), visit(5_100, 'b', { outcome: 'repinned', version: 2 })];
    expect(found(seen, [down(1_000, 'a'), up(2_000, 'a')])).toEqual(['I2']);
  });

  it('I3: a session goes back when its old endpoint returns', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(5_000, 'a', { outcome: 'repinned', version: 3 }),
    ];
    expect(found(seen, [down(1_000, 'a'), up(2_000, 'a')])).toEqual(['I3']);
  });

  it('I4: a POST reaches two handlers', () => {
    const seen = [created(0, 'a'), visit(100, 'a', { method: 'POST', reached: ['b', 'a'] })];
    expect(found(seen)).toEqual(['I4']);
  });

  it('I6: a draining endpoint gets a new session', () => {
    const drain: Fact = { atMs: 1_000, kind: 'drain', endpoint: 'a' };
    expect(found([created(5_000, 'a')], [drain])).toEqual(['I6']);
  });

  it('I6: a session that came before the drain has to leave', () => {
    const drain: Fact = { atMs: 1_000, kind: 'drain', endpoint: 'a' };
    const seen = [created(0, 'a'), visit(5_000, 'b', { outcome: 'repinned', version: 2 })];
    expect(found(seen, [drain])).toEqual(['I6']);
  });

  it('I7: a client is sent back to an older place than its cookie tells of', () => {
    const seen = [created(0, 'a'), visit(5_000, 'a', { broughtVersion: 2 })];
    expect(found(seen)).toEqual(['I7']);
  });

  it('I7: nodes do not agree when all is well again', () => {
    const seen = [
      created(0, 'a'),
      visit(1_100, 'b', { outcome: 'repinned', version: 2 }),
      visit(2_000, 'b', { version: 2 }),
      visit(2_100, 'a', { node: 'two' }),
    ];
    expect(found(seen, [down(1_000, 'a'), up(1_200, 'a'), settled(1_900)])).toEqual(['I7']);
  });

  it('I7: the session map says something else than the nodes', () => {
    const pins = [{ session: 's', endpoint: 'b', version: 3 }];
    expect(found([created(0, 'a'), visit(2_000, 'a')], [settled(1_900)], { pins })).toEqual(['I7']);
  });

  it('I8: a request fails because the session map is away', () => {
    const away: Fact = { atMs: 50, kind: 'store-away' };
    const refused = visit(100, undefined, {
      error: 'STORE_UNAVAILABLE',
      outcome: 'none',
      version: undefined,
    });
    expect(found([created(0, 'a'), refused], [away, down(50, 'a')])).toEqual(['I8']);
  });

  it('I8: two nodes hash one session to two places though they see the same endpoints', () => {
    const away: Fact = { atMs: 50, kind: 'store-away' };
    const hashed = { outcome: 'fallback', tier: 'hash', version: undefined, view: 'b c', attempts: 1 };
    const seen = [created(0, 'a'), visit(100, 'b', hashed), visit(200, 'c', { ...hashed, node: 'two' })];
    expect(found(seen, [away, down(50, 'a')])).toEqual(['I8']);
  });

  it('I9: an outage of the session map moves a session', () => {
    const facts: readonly Fact[] = [
      { atMs: 50, kind: 'store-away' },
      { atMs: 2_000, kind: 'store-back' },
    ];
    const seen = [created(0, 'a'), visit(3_000, 'b', { outcome: 'adopted', version: 2 })];
    expect(found(seen, facts)).toEqual(['I9']);
  });

  it('I11: a request is never answered', () => {
    expect(found([created(0, 'a'), visit(100, undefined, { status: undefined })])).toEqual(['I11']);
  });

  it('I11: a request is refused though an endpoint serves', () => {
    const refused = visit(1_000, undefined, { error: 'UPSTREAM_NONE_AVAILABLE' });
    expect(found([created(0, 'a'), refused], [down(500, 'a')])).toEqual(['I11']);
  });

  it('C1: a cookie counts that nobody has issued', () => {
    const forged = {
      by: 'cookie',
      isForged: true,
      session: 'forged',
      broughtVersion: 9,
      version: 9,
    } as const;
    expect(found([visit(0, 'a', { ...forged, outcome: 'adopted' })])).toEqual(['C1']);
  });
});
