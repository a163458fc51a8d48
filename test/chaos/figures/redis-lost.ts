import { setTimeout as pause } from 'node:timers/promises';
import type { HoldfastNode } from '../../support/holdfast-node.ts';
import { until } from '../../support/until.ts';
import { atRate } from '../../support/workers.ts';
import type { Crowd, SeenVisit } from '../crowd.ts';
import type { Figure, Finding, Scale } from '../figure.ts';
import {
  count,
  durationOf,
  failuresAmong,
  greatest,
  milliseconds,
  movedAmong,
  quantile,
} from '../measures.ts';
import { instantMs } from '../timeline.ts';
import type { World } from '../world.ts';

const PER_SECOND = 300;
const NEWCOMER_SHARE = 0.1;
const BEFORE = 150;
const CIRCUIT_MS_MAX = 200;
const SHARE_UNMOVED_MIN = 0.999;

const OTHERS =
  'HAProxy: tables are copied between nodes, without a store. nginx: a table in each node. Envoy, AWS: the cookie alone, without a table';

/** Redis goes away for a while, under load of which a part comes for the first time. */
const redisLost = (how: 'killed' | 'frozen'): Figure => ({
  name: `redis-${how}`,
  what: `Redis ${how === 'killed' ? 'gets SIGKILL and comes back empty after' : 'is frozen for'} 10 s, under 300 requests per second`,
  others: OTHERS,
  aim: '0 × 5xx, circuit open within 200 ms, at least 99.9 % of sessions unmoved',
  measure: (world, scale) => loseRedis(world, scale, how),
});

export const redisKilled = redisLost('killed');
export const redisFrozen = redisLost('frozen');

async function loseRedis(world: World, scale: Scale, how: 'killed' | 'frozen'): Promise<Finding> {
  const crowd = world.crowd();
  await crowd.welcome(scale.sessions);
  const load = atRate(PER_SECOND, () =>
    world.random.unit() < NEWCOMER_SHARE ? crowd.newcomer() : crowd.visit(),
  );
  const before = crowd.seen.length;
  await until('the load is under way', () => crowd.seen.length > before + BEFORE);

  const lostAtMs = instantMs();
  world.note({ kind: 'store-away' });
  if (how === 'killed') await world.redis.kill();
  else world.redis.pause();
  await pause(scale.outageMs);
  if (how === 'killed') await world.redis.restart();
  else world.redis.resume();
  await world.untilWhole();
  world.note({ kind: 'store-back' });
  const back = crowd.seen.length;
  await until('the load has gone on', () => crowd.seen.length > back + BEFORE);
  await load.stop();
  for (const visitor of crowd.regulars) await crowd.visit(visitor);
  return judge(world, crowd, lostAtMs, scale);
}

function judge(world: World, crowd: Crowd, lostAtMs: number, { outageMs }: Scale): Finding {
  const failures = failuresAmong(crowd.seen);
  const moved = movedAmong(crowd.seen);
  const unmoved = 1 - moved.length / crowd.regulars.length;
  const openMs = greatest(world.nodes.map((node) => circuitOpenMs(node, lostAtMs)));
  const meanwhile = crowd.seen.filter(
    ({ beganAtMs }) => beganAtMs >= lostAtMs && beganAtMs < lostAtMs + outageMs,
  );
  return {
    measured:
      `${failures.length} of ${count(crowd.seen.length)} failed; circuit open after ${milliseconds(openMs)}; ` +
      `${(100 * unmoved).toFixed(2)} % of ${count(crowd.regulars.length)} sessions unmoved; ${latencies(meanwhile, lostAtMs)}`,
    isInTime: openMs <= CIRCUIT_MS_MAX,
    wrong: unmoved >= SHARE_UNMOVED_MIN ? failures : [...failures, ...moved],
  };
}

/** From the loss to the moment at which a node stopped asking; 0 where it did not ask at that moment. */
function circuitOpenMs({ events }: HoldfastNode, lostAtMs: number): number {
  const changes = events
    .filter(({ store_state }) => store_state !== undefined)
    .map(({ store_state, time }) => ({
      isOpen: store_state === 'unavailable',
      atMs: Date.parse(String(time)),
    }));
  if (changes.findLast(({ atMs }) => atMs < lostAtMs)?.isOpen) return 0;
  const opened = changes.find(({ isOpen, atMs }) => isOpen && atMs >= Math.floor(lostAtMs));
  return opened === undefined ? Number.POSITIVE_INFINITY : Math.max(0, opened.atMs - lostAtMs);
}

function latencies(visits: readonly SeenVisit[], lostAtMs: number): string {
  const early = visits.filter(({ beganAtMs }) => beganAtMs < lostAtMs + CIRCUIT_MS_MAX).map(durationOf);
  const late = visits.filter(({ beganAtMs }) => beganAtMs >= lostAtMs + CIRCUIT_MS_MAX).map(durationOf);
  return `p99 ${milliseconds(quantile(early, 0.99))} in the first 200 ms, then ${milliseconds(quantile(late, 0.99))}`;
}
