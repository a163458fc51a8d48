import {
  type FaultyLink,
  openFaultyLink,
  type RedisProcess,
  type RedisSentinels,
  redisCommand,
  startSentinels,
} from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';

const FAILOVER_DEADLINE_MS = 20_000;

const COUNT_PINS = `
  local pins = 0
  for _, key in ipairs(redis.call('KEYS', '*:pins')) do pins = pins + redis.call('HLEN', key) end
  return pins`;

/** Redis acknowledges a write before its replica has it: what was not replicated is gone when the replica takes over. */
describe('a failover of Redis that loses writes which it had acknowledged', () => {
  const stage = useStage('file');
  let redis: RedisSentinels;
  let replication: FaultyLink;
  beforeAll(async () => {
    redis = await startSentinels();
    replication = await openFaultyLink(redis.primary.port);
  });
  afterAll(async () => {
    await redis.stop();
    await replication.close();
  });

  const infoOf = async (process: RedisProcess): Promise<string> =>
    String(await redisCommand(process, 'INFO', 'replication'));

  const untilReplicated = (): Promise<unknown> =>
    until('the replica has everything', async () => {
      const [there, here] = await Promise.all([redis.primary, redis.replica].map(infoOf));
      const written = /master_repl_offset:(\d+)/.exec(there ?? '')?.[1];
      const isUp = here?.includes(`master_port:${replication.port}\r\nmaster_link_status:up`) === true;
      return isUp && written === /slave_repl_offset:(\d+)/.exec(here ?? '')?.[1];
    });

  const pinsIn = (process: RedisProcess): Promise<unknown> => redisCommand(process, 'EVAL', COUNT_PINS, 0);

  const failuresOf = (visitors: readonly Visitor[]): readonly unknown[] =>
    visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200));

  it('R28: moves no session of a client that has its cookie, and the map has all of them again', async () => {
    const [mortal] = await stage().startEndpoints(3);
    const nodes = await stage().startNodes(3, { storeUrl: redis.url, store: { commandTimeout: '50ms' } });
    const clients = stage().clients(nodes);
    // Only now, because Sentinels put a replica right that follows another address than theirs, though not at once.
    await redisCommand(redis.replica, 'REPLICAOF', '127.0.0.1', replication.port);
    const early = await welcome(40, clients);
    await visitAll(early, clients);
    await untilReplicated();

    replication.stall();
    await mortal!.kill();
    await visitAll(early, clients);
    const late = await welcome(40, clients);
    await visitAll(late, clients);
    const visitors = [...early, ...late];
    const ways = pathsOf(visitors);
    const moved = early.filter(({ path }) => path.length === 2);
    expect(moved.length).toBeGreaterThan(5);
    // An endpoint that is back, and a map that says that its sessions are there: both are from before the move.
    await mortal!.start();

    await redis.primary.kill();
    await until(
      'the Sentinels have another primary',
      async () => (await redis.current()) === redis.replica,
      FAILOVER_DEADLINE_MS,
    );
    expect(await pinsIn(redis.replica)).toBe(early.length);
    await until(
      'every session is in the map again',
      async () => {
        await visitAll(visitors, clients);
        const pinned = await nodes[0]?.pinnedTotal().catch(() => 0);
        return pinned === visitors.length;
      },
      FAILOVER_DEADLINE_MS,
    );

    expect(failuresOf(visitors)).toEqual([]);
    expect(pathsOf(visitors)).toEqual(ways);
    for (const { name, visits } of visitors) {
      const versions = visits.map(({ version = 0 }) => version);
      expect(versions, name).toEqual(versions.toSorted((a, b) => a - b));
    }
  });
});
