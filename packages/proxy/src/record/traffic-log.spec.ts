import { sessionKey } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { testRecord } from '../testing/test-record.ts';
import { percentileMs } from './latencies.ts';
import { TrafficLog } from './traffic-log.ts';
import type { TrafficPage } from './traffic-page.ts';

const START_MS = 1_700_000_000_400;
const KEY = 'k3y-of-a-session-in-22';

const repinned = testResolution({
  endpoint: testEndpoint('b'),
  outcome: 'repinned',
  tier: 'store',
  reason: 'endpoint-down',
  session: { key: sessionKey(KEY), sessionId: undefined, pin: undefined, voucher: undefined },
});

let clock: ManualClock;
let log: TrafficLog;
let recorder: RequestRecorder;
let told: number;
let movedBetween: number;
let cursor: string | undefined;

beforeEach(() => {
  clock = new ManualClock(START_MS);
  movedBetween = 0;
  told = 0;
  cursor = undefined;
  log = new TrafficLog({ clock, life: 'life-1', movedBetweenRequests: () => movedBetween });
  recorder = log.beside({
    requestFinished: () => {
      told += 1;
    },
  });
});

/** What is new since it was asked last. */
function ask(): TrafficPage {
  const page = log.since(cursor);
  cursor = page.cursor;
  return page;
}

function finish(count: number, changes: Partial<RequestRecord> = {}): void {
  for (let number = 0; number < count; number++) recorder.requestFinished(testRecord(changes));
}

const pathsOf = ({ lines }: TrafficPage): readonly string[] => lines.map(({ path }) => path);
/** What each second has brought, without what it has nothing of. */
const pointsOf = ({ points }: TrafficPage) =>
  points.map(({ second, latencies: _, ...counts }) => ({
    second: second - Math.floor(START_MS / 1_000),
    ...counts,
  }));
const QUIET = { finished: 0, failed: 0, moved: 0, leftOut: 0 };

describe('the log of traffic', () => {
  it('tells the next recorder of every request, whether or not somebody watches', () => {
    finish(1);
    ask();
    finish(1);
    expect(told).toBe(2);
  });

  it('keeps nothing and has no timer while nobody asks, nor once nobody has for five seconds', async () => {
    finish(3, { path: '/before' });
    expect(clock.pendingTimers).toBe(0);
    expect(ask().lines).toEqual([]);
    finish(1, { path: '/watched' });
    await clock.advance(4_999);
    finish(1, { path: '/still-watched' });
    await clock.advance(1);
    finish(1, { path: '/unwatched' });
    expect(clock.pendingTimers).toBe(0);
    expect(pathsOf(ask())).toEqual(['/watched', '/still-watched']);
  });

  it('has a line for a request, in the words of the access log', () => {
    ask();
    finish(1, { resolution: repinned, status: 502, error: 'UPSTREAM_RESET', attempts: 2, durationMs: 7.5 });
    const [line] = ask().lines;
    expect(line).toEqual({
      atMs: START_MS,
      method: 'GET',
      path: '/cart',
      status: 502,
      listener: 'web',
      pool: 'shop',
      endpoint: 'shop/b',
      outcome: 'repinned',
      source: 'cookie',
      tier: 'store',
      reason: 'endpoint-down',
      session: KEY,
      error: 'UPSTREAM_RESET',
      retries: 1,
      durationMs: 7.5,
      requestId: 'request-1',
    });
  });

  it('has one for a connection, which takes no part in how long requests take', async () => {
    ask();
    const known = { protocol: 'tcp', listener: 'broker', serverName: 'a.example' } as const;
    const client = { address: '192.0.2.7', port: 51_234 };
    log.connectionFinished({ ...refusedRecord(known, client, 'DOWNSTREAM_NO_ROUTE'), durationMs: 9_000 });
    await clock.advance(2_000);
    const { lines, points } = ask();
    expect(lines).toMatchObject([
      { method: 'TCP', path: 'a.example', status: 'refused', listener: 'broker' },
    ]);
    expect(points.map(({ latencies }) => latencies)).toEqual([{}]);
  });

  it('tells each asker what is new since its own last question', () => {
    ask();
    finish(1, { path: '/first' });
    const mine = log.since(cursor);
    finish(1, { path: '/second' });
    expect(pathsOf(log.since(mine.cursor))).toEqual(['/second']);
    expect(pathsOf(log.since(cursor))).toEqual(['/first', '/second']);
    expect(pathsOf(log.since(undefined))).toEqual(['/first', '/second']);
    expect(pathsOf(log.since('another-life.9.9'))).toEqual(['/first', '/second']);
  });

  it('cuts off a path that nobody would read to its end', () => {
    ask();
    finish(1, { path: `/${'x'.repeat(60_000)}` });
    expect(pathsOf(ask())[0]).toHaveLength(201);
  });
});

describe('the points of the log of traffic', () => {
  it('count each second that was watched from its beginning, quiet ones as well, and no other', async () => {
    ask();
    finish(5);
    await clock.advance(1_000);
    finish(3);
    finish(1, { status: 503 });
    finish(1, { status: 404, resolution: repinned });
    await clock.advance(2_000);
    expect(pointsOf(ask())).toEqual([
      { second: 1, finished: 5, failed: 1, moved: 1, leftOut: 0 },
      { ...QUIET, second: 2 },
    ]);
    await clock.advance(600);
    expect(pointsOf(ask())).toEqual([{ ...QUIET, second: 3 }]);
  });

  it('leave out the time in which nobody watched', async () => {
    ask();
    await clock.advance(60_000);
    ask();
    await clock.advance(2_000);
    expect(pointsOf(log.since(undefined)).map(({ second }) => second)).toEqual([61]);
  });

  it('count pins that are moved between requests, for the second in which somebody asks', async () => {
    movedBetween = 100;
    ask();
    await clock.advance(1_000);
    movedBetween += 7;
    finish(1, { resolution: repinned });
    await clock.advance(1_000);
    ask();
    await clock.advance(2_000);
    expect(pointsOf(log.since(undefined)).map(({ moved }) => moved)).toEqual([1, 7, 0]);
  });

  it('tell how long requests took', async () => {
    ask();
    await clock.advance(600);
    for (let durationMs = 1; durationMs <= 100; durationMs++) finish(1, { durationMs });
    await clock.advance(1_000);
    const [point] = ask().points;
    expect(percentileMs(point?.latencies ?? {}, 0.5)).toBeCloseTo(50, -1);
    expect(percentileMs(point?.latencies ?? {}, 0.99)).toBeGreaterThanOrEqual(99);
  });

  it('are those of ten minutes, however long somebody watches', async () => {
    for (let second = 0; second < 700; second++) {
      ask();
      await clock.advance(1_000);
    }
    const seconds = pointsOf(log.since(undefined)).map(({ second }) => second);
    expect(seconds).toHaveLength(600);
    expect(seconds.at(-1)).toBe(699);
  });

  it.each([-3_600_000, 3_600_000, 1e12])('go on after the clock has been set by %d ms', async (byMs) => {
    ask();
    const set = clock.now() + byMs;
    const skewed = new SkewedClock(clock, byMs);
    log = new TrafficLog({ clock: skewed, life: 'life-1', movedBetweenRequests: () => movedBetween });
    recorder = log.beside({ requestFinished: () => {} });
    skewed.isSet = false;
    log.since(undefined);
    skewed.isSet = true;
    finish(1);
    await clock.advance(1_000);
    finish(2);
    await clock.advance(1_000);
    const { points } = log.since(undefined);
    expect(points.map(({ second, finished }) => [second, finished])).toEqual([
      [Math.floor(set / 1_000) + 1, 2],
    ]);
  });
});

/** A clock whose time of day can be set, as people and programs do. */
class SkewedClock extends ManualClock {
  isSet = true;
  readonly #true: ManualClock;
  readonly #byMs: number;

  constructor(clock: ManualClock, byMs: number) {
    super();
    this.#true = clock;
    this.#byMs = byMs;
  }

  override now(): number {
    return this.#true.now() + (this.isSet ? this.#byMs : 0);
  }

  override elapsed(): number {
    return this.#true.elapsed();
  }
}

describe('the lines of a crowd', () => {
  it('are 25 a second, spread over it, and the rest is counted', async () => {
    ask();
    await clock.advance(600);
    const second: string[] = [];
    for (let tenth = 0; tenth < 10; tenth++) {
      finish(100, { path: `/${tenth}` });
      second.push(...pathsOf(ask()));
      await clock.advance(100);
    }
    expect(second.length).toBeGreaterThan(40);
    expect(second.length).toBeLessThanOrEqual(50);
    expect(new Set(second).size).toBe(10);
    const [point] = ask().points;
    expect(point).toMatchObject({ finished: 1_000, leftOut: 1_000 - second.length });
  });

  it('do not crowd out a session that moves, or a request that fails', async () => {
    ask();
    finish(10_000);
    finish(1, { path: '/moved', resolution: repinned });
    finish(1, { path: '/failed', status: 502 });
    expect(pathsOf(ask()).slice(-2)).toEqual(['/moved', '/failed']);
  });

  it('take a bounded memory even if all of them are of that kind and nobody fetches them', async () => {
    ask();
    for (let second = 0; second < 100; second++) {
      finish(200, { status: 502 });
      finish(200);
      await clock.advance(1_000);
      log.since(undefined);
    }
    expect(log.since(undefined).lines).toHaveLength(500);
  });
});
