import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchCase } from '../cases/bench-case.ts';
import { parseResult, runGenerator } from '../load/generator.ts';
import { type CoreTime, type CpuTime, readCoreTime, readTreeCpu } from '../machine/cpu.ts';
import { HAPROXY, REDIS } from '../machine/programs.ts';
import { startRedis } from '../machine/redis.ts';
import { formatMapReport } from './map-report.ts';
import type { MapNodeSettings, MapResult } from './map-result.ts';
import { stickTableBytesPerSession } from './stick-table.ts';

/** The session map by itself, in a Redis that has one core; the node has another. */
export const mapCase: BenchCase = {
  name: 'map',
  summary: 'memory, operations and inventory of a session map in Redis, beside a stick table of HAProxy',
  scale: { rounds: 3, seconds: 2, warmUpSeconds: 1, connections: 64, sessions: 1_000_000 },
  programs: [REDIS, HAPROXY],
  page: 'docs/capacity.md',
  async run(_, { directory, cores, sessions, connections, rounds, seconds }, remarks) {
    const stickTableBytes = await stickTableBytesPerSession(
      join(directory, 'haproxy'),
      cores.proxy,
      sessions,
    );
    console.log(`map  stick table: ${Math.round(stickTableBytes)} bytes per session`);
    await using redis = await startRedis(join(directory, 'redis'), cores.proxy);
    const { port, pid: redisPid } = redis;
    const settings = { port, redisPid, sessions, lanes: connections, rounds, seconds };
    const before = readTimes(redisPid, cores.proxy);
    const result = await runMapNode(settings, cores.rest, join(directory, 'map-node.log'));
    const notes = disturbance(before, readTimes(redisPid, cores.proxy));
    return [...notes, formatMapReport(result, stickTableBytes, settings), ...remarks].join('\n\n');
  },
};

/** A process of its own, so that nothing else is in its memory and its CPU time. */
async function runMapNode(settings: MapNodeSettings, cores: string, outputFile: string): Promise<MapResult> {
  const program = fileURLToPath(new URL('map-node.ts', import.meta.url));
  const args = ['--expose-gc', program, JSON.stringify(settings)];
  return parseResult(await runGenerator({ cores, command: process.execPath, args, outputFile }));
}

/** Readings at one end of a run. */
interface Times {
  readonly redis: CpuTime;
  readonly core: CoreTime;
}

const DISTURBED_SHARE = 0.05;

const readTimes = (redisPid: number, core: string): Times => ({
  redis: readTreeCpu(redisPid),
  core: readCoreTime(core),
});

/** Whether others were at work on the core of Redis, which makes operations dearer and waits longer. */
function disturbance(before: Times, after: Times): readonly string[] {
  const redisMs = after.redis.userMs + after.redis.systemMs - before.redis.userMs - before.redis.systemMs;
  const foreignMs = after.core.busyMs - before.core.busyMs - redisMs;
  const share = foreignMs / (after.core.totalMs - before.core.totalMs);
  if (share <= DISTURBED_SHARE) return [];
  return [`Something else was on the core of Redis for ${Math.round(share * 100)} % of the time.`];
}
