import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { until } from '../../support/until.ts';
import { atRate } from '../../support/workers.ts';
import type { SeenVisit } from '../crowd.ts';
import type { Figure } from '../figure.ts';
import { count, failuresAmong, greatest, milliseconds, movedAmong } from '../measures.ts';
import { instantMs } from '../timeline.ts';
import type { World } from '../world.ts';

const PER_SECOND = 300;
const NEWCOMER_SHARE = 0.5;
const BEFORE = 100;
const KNOWN_MS_MAX = 1_000;
const DRAINED_MS = 2_000;

export const drain: Figure = {
  name: 'drain',
  what: 'An endpoint drains, as one node was asked, under 150 new sessions per second at all nodes',
  others:
    'HAProxy, nginx: at the node that was told; sessions stay. Envoy: degraded hosts keep their sessions. AWS: deregistration, 300 s',
  aim: '0 new sessions after 1 s, existing ones stay',
  async measure(world, { sessions }) {
    const [endpoint] = world.endpoints;
    const id = endpoint!.id;
    const crowd = world.crowd();
    await crowd.welcome(sessions);
    const load = atRate(PER_SECOND, () =>
      world.random.unit() < NEWCOMER_SHARE ? crowd.newcomer() : crowd.visit(),
    );
    await until('the load is under way', () => crowd.seen.length > sessions + BEFORE);
    const before = new Set(crowd.regulars.map(({ name }) => name));
    await tell(world, 'PUT', id);
    world.note({ kind: 'drain', endpoint: id });
    const toldAtMs = instantMs();
    await pause(DRAINED_MS);
    await load.stop();
    await tell(world, 'DELETE', id);
    world.note({ kind: 'undrain', endpoint: id });
    await world.untilWhole();
    const isNewcomer = (visit: SeenVisit): boolean =>
      visit.servedBy === id && visit.outcome === 'created' && visit.beganAtMs >= toldAtMs;
    const lastMs = greatest(crowd.seen.filter(isNewcomer).map(({ beganAtMs }) => beganAtMs - toldAtMs));
    const late = crowd.seen.filter((visit) => isNewcomer(visit) && visit.beganAtMs - toldAtMs > KNOWN_MS_MAX);
    // Who came while a node did not know yet may be sent on by one that does.
    const moved = movedAmong(crowd.seen.filter(({ session }) => before.has(session)));
    return {
      measured:
        `${late.length} of ${count(crowd.regulars.length - before.size)} new sessions, the last one after ${milliseconds(lastMs)}; ` +
        `${moved.length} of ${count(before.size)} existing ones moved`,
      isInTime: late.length === 0,
      wrong: [...failuresAmong(crowd.seen), ...moved],
    };
  },
};

async function tell({ nodes }: World, method: 'PUT' | 'DELETE', endpoint: string): Promise<void> {
  const { body } = await request(`${nodes[0]!.adminOrigin}/endpoints/shop/${endpoint}/drain`, { method });
  await body.dump();
}
