import { poolName } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { Networks } from '../socket/networks.ts';
import { LogBook } from '../testing/log-book.ts';
import { PoolDiscovery, type PoolDiscoveryParts } from './pool-discovery.ts';
import { endpointAt, type HearAnswer, type RegistryAnswer } from './registry.ts';
import { naming } from './testing/named.ts';

const FAILED: RegistryAnswer = { kind: 'failed', reason: 'SERVFAIL' };
const REMOVE_AFTER_MS = 60_000;

/** A discovery whose registry says what the test says. */
function setUp(more: Partial<PoolDiscoveryParts> = {}) {
  const clock = new ManualClock();
  const log = new LogBook();
  const registry = { hear: undefined as HearAnswer | undefined, starts: 0, stops: 0 };
  const discovery = new PoolDiscovery({
    pool: poolName('shop'),
    type: 'dns',
    registry: {
      start(hear) {
        registry.hear = hear;
        registry.starts += 1;
      },
      stop() {
        registry.stops += 1;
      },
    },
    rules: { removeAfterMs: REMOVE_AFTER_MS },
    intervalMaxMs: 10_000,
    clock,
    log,
    ...more,
  });
  const changes: string[] = [];
  discovery.follow(() => changes.push(described(discovery)));
  const say = (answer: RegistryAnswer): void => registry.hear?.(answer);
  return { clock, log, registry, discovery, changes, say };
}

/** As `1 2 3-`: who leaves has a minus. */
const described = ({ endpoints }: PoolDiscovery): string =>
  (endpoints ?? [])
    .map(({ url, isLeaving }) => `${/10\.0\.0\.(\d+)/.exec(url)?.[1] ?? url}${isLeaving === true ? '-' : ''}`)
    .join(' ');

describe('the discovery of a pool', () => {
  it('is open when endpoints are named, not when the registry fails or names nobody', async () => {
    const { discovery, say } = setUp();
    let isOpen = false;
    void discovery.open().then(() => {
      isOpen = true;
    });
    say(FAILED);
    say(naming());
    await settle();
    expect([isOpen, discovery.endpoints]).toEqual([false, undefined]);
    say(naming(1, 2));
    await settle();
    expect([isOpen, described(discovery)]).toEqual([true, '1 2']);
  });

  it('is open without endpoints after five seconds', async () => {
    const { clock, discovery } = setUp();
    let isOpen = false;
    void discovery.open().then(() => {
      isOpen = true;
    });
    await settle();
    await clock.advance(4_999);
    expect(isOpen).toBe(false);
    await clock.advance(1);
    expect(isOpen).toBe(true);
    expect(discovery.endpoints).toBeUndefined();
  });

  it('is opened once, however often that is wanted', async () => {
    const { discovery, registry, say } = setUp();
    const openings = [discovery.open(), discovery.open()];
    say(naming(1));
    await Promise.all(openings);
    expect(registry.starts).toBe(1);
  });

  it('cannot be opened where the registry cannot begin to ask', async () => {
    const { discovery } = setUp({
      registry: { start: () => Promise.reject(new Error('is not installed')), stop: () => {} },
    });
    await expect(discovery.open()).rejects.toThrow('is not installed');
  });

  it('tells changes, and only these', () => {
    const { discovery, changes, say } = setUp();
    void discovery.open();
    for (const answer of [naming(1, 2), naming(2, 1), FAILED, naming(), naming(1, 2), naming(1, 2, 3)])
      say(answer);
    expect(changes).toEqual(['1 2', '1 2 3']);
  });

  it('has who is missing leave, come back, and go when the time is over, although nothing more is said', async () => {
    const { clock, discovery, changes, say } = setUp();
    void discovery.open();
    say(naming(1, 2, 3));
    say(naming(1));
    await clock.advance(REMOVE_AFTER_MS - 1);
    say(naming(1, 3));
    await clock.advance(1);
    expect(changes).toEqual(['1 2 3', '1 2- 3-', '1 2- 3', '1 3']);
  });

  it('removes nobody while the registry fails: who is missing is not known to be gone', async () => {
    const { clock, discovery, say } = setUp();
    void discovery.open();
    say(naming(1, 2));
    say(naming(1));
    say(FAILED);
    await clock.advance(2 * REMOVE_AFTER_MS);
    expect(described(discovery)).toBe('1 2-');
    say(naming(1));
    expect(described(discovery)).toBe('1');
  });

  it('uses no endpoint that is where none may be, and says so once', () => {
    const { discovery, log, say } = setUp({ networks: new Networks(['10.0.0.0/30']) });
    void discovery.open();
    say(naming(1, 2));
    const bad = ['http://169.254.169.254:80', 'http://10.0.0.9:8080', 'http://shop.internal:80'];
    const answer: RegistryAnswer = {
      kind: 'named',
      endpoints: [...bad, 'http://10.0.0.3:8080'].map((url) => endpointAt(url)),
    };
    say(answer);
    say(answer);
    expect(described(discovery)).toBe('1- 2- 3');
    expect(log.entries.filter(({ level }) => level === 'warn').map(({ fields }) => fields.refused)).toEqual([
      'http://10.0.0.9:8080, http://169.254.169.254:80, http://shop.internal:80',
    ]);
    expect(discovery.report().refused).toBe(3);
  });

  it('takes an answer of which nothing may be used for one that names nobody', () => {
    const { discovery, say } = setUp();
    void discovery.open();
    say(naming(1));
    say({ kind: 'named', endpoints: [endpointAt('http://[fe80::1]:80'), endpointAt('http://0.0.0.0:80')] });
    expect(described(discovery)).toBe('1');
    expect(discovery.report()).toMatchObject({ failures: 1, refused: 2 });
  });

  it('counts answers and failures, and says since when and why it has failed', async () => {
    const { clock, discovery, say } = setUp();
    void discovery.open();
    say(naming(1));
    await clock.advance(1_000);
    const failingSinceMs = clock.now();
    say(FAILED);
    await clock.advance(1_000);
    say(naming());
    const failing = { type: 'dns', answers: 1, failures: 2, refused: 0, failingSinceMs };
    expect(discovery.report()).toEqual({ ...failing, lastFailure: 'no endpoint is named' });
    say(naming(1));
    expect(discovery.report()).toMatchObject({ answers: 2, failures: 2, failingSinceMs: undefined });
  });

  it('logs a failure once for as long as it is the same, and its end', () => {
    const { discovery, log, say } = setUp();
    void discovery.open();
    for (const answer of [naming(1), FAILED, FAILED, naming(1), FAILED, naming(), naming(1)]) say(answer);
    expect(log.entries.slice(1).map(({ message, fields }) => fields.reason ?? message)).toEqual([
      'SERVFAIL',
      'endpoints are named again',
      'SERVFAIL',
      'no endpoint is named',
      'endpoints are named again',
    ]);
  });

  it('logs in one line how the endpoints have changed', () => {
    const { discovery, log, say } = setUp();
    void discovery.open();
    say(naming(1, 2));
    say(naming(2, 3));
    say(naming(1, 2));
    expect(log.entries.map(({ fields }) => fields)).toEqual([
      { pool: 'shop', added: '10.0.0.1:8080, 10.0.0.2:8080' },
      { pool: 'shop', added: '10.0.0.3:8080', missing: '10.0.0.1:8080' },
      { pool: 'shop', missing: '10.0.0.3:8080', returned: '10.0.0.1:8080' },
    ]);
  });

  it('is complete until a while ago, which does not go on while the registry fails', async () => {
    const { clock, discovery, say } = setUp();
    void discovery.open();
    expect(discovery.completeUntilMs).toBe(Number.NEGATIVE_INFINITY);
    say(naming(1));
    expect(clock.now() - discovery.completeUntilMs).toBe(40_000);
    await clock.advance(1_000);
    expect(clock.now() - discovery.completeUntilMs).toBe(40_000);
    say(FAILED);
    await clock.advance(5_000);
    expect(clock.now() - discovery.completeUntilMs).toBe(45_000);
    say(naming(1));
    expect(clock.now() - discovery.completeUntilMs).toBe(40_000);
  });

  it('leaves no timer and tells nothing once it is stopped', async () => {
    const { clock, discovery, registry, changes, say } = setUp();
    const opening = discovery.open();
    say(naming(1, 2));
    await opening;
    say(naming(1));
    discovery.stop();
    expect([clock.pendingTimers, registry.stops]).toEqual([0, 1]);
    await clock.advance(2 * REMOVE_AFTER_MS);
    expect(changes).toHaveLength(2);
  });

  it('is open, for whoever waits, when it is stopped', async () => {
    const { discovery, clock } = setUp();
    const opening = discovery.open();
    await settle();
    discovery.stop();
    await opening;
    expect(clock.pendingTimers).toBe(0);
  });
});
