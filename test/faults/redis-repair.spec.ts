import { systemClock } from '@holdfast/shared';
import {
  type FaultyLink,
  freePort,
  openFaultyLink,
  type RedisProcess,
  redisCommand,
  startRedis,
} from '@holdfast/store/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { ClientRequest, HttpClient } from '../support/http-client.ts';
import { sealCookie } from '../support/sealed-cookie.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor, visit } from '../support/visitor.ts';

const WRITE_BACKS_PER_SECOND = 200;
/** A quarter of it is how long a session that is in use is not looked for in the map. */
const IDLE_TIMEOUT = '24s';
/** A busy machine is no reason to take Redis for slow. */
const COMMAND_TIMEOUT_MS = 1_000;

/** Somebody whose session is known by our cookie, or by a header that it sends. */
interface Guest {
  readonly visitor: Visitor;
  readonly request: ClientRequest;
}

let guestsNamed = 0;

const withCookie = (): Guest => ({ visitor: new Visitor(`guest-${++guestsNamed}`), request: {} });

const withHeader = (): Guest => {
  const { visitor } = withCookie();
  return { visitor, request: { headers: { 'x-session': visitor.name } } };
};

const POISON = ['garbage', '', '{"endpoint":"http://169.254.169.254/"}', '1 http://169.254.169.254/'];

/** Goes through all pins, in Lua. */
const forEachPin = (work: string): string => `
  local count = 0
  for _, name in ipairs(redis.call('KEYS', 'hf:*:pins')) do
    for _, field in ipairs(redis.call('HKEYS', name)) do ${work} end
  end
  return count`;

/** Overwrites every pin with something that no node has written. */
const PUT_POISON = forEachPin(`
  count = count + 1
  redis.call('HSET', name, field, ARGV[count % #ARGV + 1])`);

const COUNT_POISON = forEachPin(`
  local value = redis.call('HGET', name, field)
  for _, poison in ipairs(ARGV) do if value == poison then count = count + 1 end end`);

describe('two nodes and their guests notice nothing of a Redis that', () => {
  const stage = useStage('file');
  const guests: Guest[] = [];
  let redis: RedisProcess;
  let link: FaultyLink;
  let nodes: readonly [HoldfastNode, HoldfastNode];
  let clients: readonly HttpClient[];

  beforeAll(async () => {
    // What it reads at a start it reads slowly.
    const slowLoading = ['--key-load-delay', '500', '--loading-process-events-interval-bytes', '1024'];
    redis = await startRedis({ args: ['--enable-debug-command', 'yes', ...slowLoading] });
    link = await openFaultyLink(redis.port);
    await stage().startEndpoints(3);
    const sources = [
      { type: 'cookie', name: '_srv_id' },
      { type: 'header', name: 'X-Session' },
    ];
    nodes = (await stage().startNodes(2, {
      storeUrl: `redis://127.0.0.1:${link.port}`,
      store: { commandTimeout: `${COMMAND_TIMEOUT_MS}ms`, writeBacksPerSecond: WRITE_BACKS_PER_SECOND },
      pool: { affinity: { sources, idleTimeout: IDLE_TIMEOUT } },
      top: { log: { access: false } },
    })) as typeof nodes;
    clients = stage().clients();
    await welcome(20, 10);
    await untilWhole();
  });
  afterAll(async () => {
    await link.close();
    await redis.stop();
  });
  afterEach(() => {
    const disturbed = guests.filter(
      ({ visitor: { path, visits } }) => path.length > 1 || visits.some(({ status }) => status !== 200),
    );
    expect(disturbed.map(({ visitor: { name, path } }) => ({ name, path }))).toEqual([]);
  });

  /** Everybody visits both nodes, one after the other. */
  async function visitAll(): Promise<void> {
    for (const client of clients)
      await Promise.all(guests.map(({ visitor, request }) => visitor.visit(client, request)));
  }

  /** Guests come whom neither node has seen, so many with a cookie and so many without, and then everybody visits. */
  async function welcome(cookies: number, headers: number): Promise<void> {
    guests.push(
      ...Array.from({ length: cookies }, withCookie),
      ...Array.from({ length: headers }, withHeader),
    );
    await visitAll();
  }

  const command = (name: string, ...args: (string | number)[]) => redisCommand(redis, name, ...args);

  const untilState = (state: string): Promise<unknown> =>
    Promise.all(
      nodes.map((node) =>
        until(`the store of ${node.name} is ${state}`, async () => {
          await visitAll();
          return (await node.status()).store.state === state;
        }),
      ),
    );

  /** Until every session is in the map, by visits alone. */
  const untilWhole = (): Promise<unknown> =>
    until(
      'every session is in the map',
      async () => {
        await visitAll();
        return (await nodes[0].pinnedTotal()) === guests.length;
      },
      20_000,
    );

  const total = async (of: (node: Awaited<ReturnType<HoldfastNode['status']>>) => number | undefined) => {
    const reports = await Promise.all(nodes.map((node) => node.status()));
    return reports.reduce((sum, report) => sum + (of(report) ?? 0), 0);
  };

  it('answers later than a command may take', async () => {
    link.shape({ delayMs: COMMAND_TIMEOUT_MS * 0.6 });
    await until('both nodes have given it up', async () => {
      await welcome(1, 0);
      const reports = await Promise.all(nodes.map((node) => node.status()));
      return reports.every(({ store }) => store.mode === 'degraded');
    });
    await welcome(6, 3);
    link.shape({});
    await untilState('available');
    await untilWhole();
    for (const node of nodes) expect((await node.status()).store.mode).not.toBe('degraded');
  });

  it('has forgotten its scripts', async () => {
    const failures = () => total(({ store }) => store.operations.failures);
    const failuresBefore = await failures();
    await command('SCRIPT', 'FLUSH');
    await welcome(6, 3);
    await untilWhole();
    expect(await failures()).toBe(failuresBefore);
  });

  it('is flushed, and is filled again by those who are there, with a cookie or without', async () => {
    await command('FLUSHALL');
    await untilWhole();
    await welcome(2, 1);
  });

  it('is full, and refuses to write', async () => {
    await command('CONFIG', 'SET', 'maxmemory', '1');
    await welcome(6, 3);
    for (const node of nodes) expect((await node.status()).store.state).toBe('read-only');
    await visitAll();
    await command('CONFIG', 'SET', 'maxmemory', '0');
    await untilWhole();
    // Whoever has written knows; the others find out in a moment.
    expect((await nodes[0].status()).store.state).toBe('available');
  });

  it('is full, and evicts sessions', async () => {
    await command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    await command('CONFIG', 'SET', 'maxmemory', '1');
    await until('it has evicted all of them', async () => {
      await visitAll();
      return (await command('DBSIZE')) === 0;
    });
    await welcome(6, 3);
    await command('CONFIG', 'SET', 'maxmemory', '0');
    await command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    await untilWhole();
  });

  it('has become a replica, and keeps its connections', async () => {
    await command('REPLICAOF', '127.0.0.1', await freePort());
    await welcome(9, 0);
    await visitAll();
    await command('REPLICAOF', 'NO', 'ONE');
    await untilWhole();
  });

  it('holds what nobody of the cluster has written', async () => {
    const unreadable = () => total(({ store }) => store.operations.unreadable);
    const unreadableBefore = await unreadable();
    const poisoned = Number(await command('EVAL', PUT_POISON, 0, ...POISON));
    expect(poisoned).toBe(guests.length);
    // Whoever has lost its connection asks for everything anew.
    link.reset();
    await until('every one of them is found and written over', async () => {
      await visitAll();
      return (await command('EVAL', COUNT_POISON, 0, ...POISON)) === 0;
    });
    expect((await unreadable()) - unreadableBefore).toBeGreaterThanOrEqual(poisoned);
  });

  it('is empty when 600 sessions with cookies arrive at once: each is written back in its turn', async () => {
    const arrivals = Array.from({ length: 600 }, (_, index) => {
      const endpoint = `shop-${(index % 3) + 1}`;
      return { endpoint, headers: { cookie: `_srv_id=${sealCookie({ endpoint })}` } };
    });
    const admitted = () => total(({ store }) => store.writeBacks.admitted);
    const refused = () => total(({ store }) => store.writeBacks.refused);
    const [admittedBefore, refusedBefore] = [await admitted(), await refused()];
    const startedAtMs = systemClock.elapsed();
    const arrive = async (): Promise<void> => {
      const visits = await Promise.all(
        arrivals.map(({ headers }, index) => visit(clients[index % 2], { headers })),
      );
      expect(visits.map(({ status, servedBy }) => `${status} ${servedBy}`)).toEqual(
        arrivals.map(({ endpoint }) => `200 ${endpoint}`),
      );
    };
    await arrive();
    expect(await refused()).toBeGreaterThan(refusedBefore);
    for (const node of nodes) expect((await node.status()).store.mode).toBe('reconciling');
    await until('all are in the map', async () => {
      await arrive();
      await visitAll();
      return (await nodes[0].pinnedTotal()) >= arrivals.length;
    });
    const seconds = (systemClock.elapsed() - startedAtMs) / 1_000;
    const mostOfOne = WRITE_BACKS_PER_SECOND * (seconds + 0.1);
    expect((await admitted()) - admittedBefore).toBeLessThanOrEqual(nodes.length * mostOfOne);
  });

  it('is loading what it has on its disk', async () => {
    await command('DEBUG', 'POPULATE', 3_000);
    await command('SAVE');
    const restarting = redis.restart();
    const says = () => command('PING').catch((error: Error) => error.message);
    await until('it says that it is loading', async () => /LOADING/.test(String(await says())));
    await welcome(6, 3);
    expect(await says()).toMatch(/LOADING/);
    await restarting;
    await untilState('available');
    await visitAll();
  });
});
