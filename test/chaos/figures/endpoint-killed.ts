import { until } from '../../support/until.ts';
import { atRate } from '../../support/workers.ts';
import type { Crowd, SeenVisit } from '../crowd.ts';
import type { Figure } from '../figure.ts';
import { count, durationOf, failuresAmong, greatest, milliseconds, quantile, waysOf } from '../measures.ts';
import { instantMs } from '../timeline.ts';
import type { World } from '../world.ts';

const PER_SECOND = 300;
/** So that an endpoint that has died once has sessions again. */
const NEWCOMER_SHARE = 0.2;
const BEFORE = 150;
const AFTER = 450;
const ADDED_MS_MAX = 250;
/** One death under load. */
interface Death {
  readonly before: readonly SeenVisit[];
  /** Requests that began after the endpoint was gone, or were under way then. */
  readonly after: readonly SeenVisit[];
}

export const endpointKilled: Figure = {
  name: 'endpoint-killed',
  what: 'Endpoint gets SIGKILL under 300 requests per second',
  others:
    'HAProxy: with `redispatch`, at the last of 3 retries. nginx: next server, POST not once it was sent. Envoy: balanced anew. AWS: next target, for good',
  aim: '0 errors of idempotent or unsent requests, at most 250 ms added',
  async measure(world, { sessions, rounds }) {
    const crowd = world.crowd();
    await crowd.welcome(sessions);
    const deaths: Death[] = [];
    for (let round = 0; round < rounds; round++) deaths.push(await die(world, crowd, round));
    const after = deaths.flatMap((death) => death.after);
    const broken = deaths.flatMap(brokenOff);
    const others = after.filter((visit) => !broken.includes(visit));
    const failures = failuresAmong(others);
    const addedMs = greatest(deaths.map(addedBy));
    return {
      measured:
        `${failures.length} of ${count(others.length)} failed, ${milliseconds(addedMs)} added at most, in ${rounds} × SIGKILL; ` +
        `502 for ${broken.length} POST that had been sent`,
      isInTime: addedMs <= ADDED_MS_MAX,
      wrong: [...failures, ...sentTwice(world, crowd), ...restless(crowd, rounds)],
    };
  },
};

async function die(world: World, crowd: Crowd, round: number): Promise<Death> {
  const victim = world.endpoints[round % world.endpoints.length]!;
  const load = atRate(PER_SECOND, () =>
    world.random.unit() < NEWCOMER_SHARE ? crowd.newcomer() : crowd.visit(),
  );
  const start = crowd.seen.length;
  await until('the load is under way', () => crowd.seen.length >= start + BEFORE);
  const atMs = instantMs();
  await world.kill(victim);
  const died = crowd.seen.length;
  await until('the load has gone on', () => crowd.seen.length >= died + AFTER);
  await load.stop();
  await world.revive(victim);
  await world.untilWhole();
  const visits = crowd.seen.slice(start);
  return {
    before: visits.filter(({ endedAtMs }) => endedAtMs < atMs),
    after: visits.filter(({ endedAtMs }) => endedAtMs >= atMs),
  };
}

/** What had been sent to the endpoint, as its node says, may have been done there, and is not sent again. */
const brokenOff = ({ after }: Death): readonly SeenVisit[] =>
  after.filter(({ method, error }) => method === 'POST' && error === 'UPSTREAM_RESET');

/** What the slowest of all requests around the death took beyond the median of those before it. */
const addedBy = ({ before, after }: Death): number =>
  greatest(after.map(durationOf)) - quantile(before.map(durationOf), 0.5);

const sentTwice = (world: World, { seen }: Crowd): readonly string[] =>
  seen
    .filter(({ method, id }) => method === 'POST' && world.reachedBy(id).length > 1)
    .map(({ id }) => `POST ${id} reached ${world.reachedBy(id).join(' and ')}`);

/** Sessions that have moved more often than endpoints have died. */
const restless = ({ seen }: Crowd, deaths: number): readonly string[] =>
  [...waysOf(seen)]
    .filter(([, way]) => way.length > deaths + 1)
    .map(([session, way]) => `${session}: ${way.join(' > ')}`);
