import type { HoldfastNode } from '../../support/holdfast-node.ts';
import type { Sender } from '../../support/http-client.ts';
import { pick } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { inParallel } from '../../support/workers.ts';
import type { Figure } from '../figure.ts';
import { count, greatest, milliseconds, quantile } from '../measures.ts';
import { instantMs } from '../timeline.ts';
import type { World } from '../world.ts';

const SEEN_MS_MAX = 50;
const SEEN_LATE_MS_MAX = 2_000;
/** A dead link is told from a quiet one only after a while, and each sample has to wait for that. */
const SAMPLES_PER_DEAD_LINK = 50;

const OTHERS =
  'HAProxy: peers are told, without a promise of when. nginx, Envoy, AWS: nodes tell each other nothing';

export const repinSeen: Figure = {
  name: 'repin-seen',
  what: 'A session that one node has moved: until another goes by it',
  others: OTHERS,
  aim: 'p99 within 50 ms',
  async measure(world, { samples }) {
    const lagsMs: number[] = [];
    await inParallel(Array(samples).keys(), 2, async (sample) => {
      lagsMs.push(...(await moveOne(world, `moved-${sample}`)));
    });
    const p99 = quantile(lagsMs, 0.99);
    return {
      measured: `p50 ${milliseconds(quantile(lagsMs, 0.5))}, p99 ${milliseconds(p99)}, of ${count(lagsMs.length)}`,
      isInTime: p99 <= SEEN_MS_MAX,
      wrong: [],
    };
  },
};

export const repinSeenLate: Figure = {
  name: 'repin-seen-late',
  what: 'The same, with the link for news of the other nodes half-open: nothing comes, and nobody is told',
  others: OTHERS,
  aim: 'within 2 s',
  async measure(world, { samples }) {
    const lagsMs: number[] = [];
    for (let first = 0; first < samples; first += SAMPLES_PER_DEAD_LINK) {
      const length = Math.min(SAMPLES_PER_DEAD_LINK, samples - first);
      const sessions = Array.from({ length }, (_, index) => `late-${first + index}`);
      await Promise.all(sessions.map((session) => makeKnown(world, session)));
      const news = await world.newsPorts();
      for (const link of world.links.slice(1)) link.stall((farPort) => news.has(farPort));
      const lags = await Promise.all(sessions.map((session) => moveOne(world, session)));
      lagsMs.push(...lags.flat());
      await world.untilWhole();
    }
    return {
      measured: `${milliseconds(greatest(lagsMs))} at most, of ${count(lagsMs.length)}`,
      isInTime: greatest(lagsMs) <= SEEN_LATE_MS_MAX,
      wrong: [],
    };
  },
};

/** Where a request of the session goes that knows it by a header. */
export const askKeyed = async (client: Sender | undefined, session: string): Promise<string | undefined> => {
  const answer = await client?.send({ path: '/keyed', headers: { 'x-session': session } });
  return answer?.headers['x-served-by'];
};

/** Has every node remember where the session is, and answers that. */
export const makeKnown = ({ clients }: World, session: string): Promise<string> =>
  until(`all nodes know where ${session} is`, async () => {
    const [place, ...others] = await Promise.all(clients.map((client) => askKeyed(client, session)));
    return others.every((other) => other === place) && place;
  });

/** Moves a session at the first node, and says how long each of the others still went by its old place. */
export async function moveOne(world: World, session: string): Promise<readonly number[]> {
  const [mover] = world.nodes;
  const from = await makeKnown(world, session);
  const to = pick(
    world.random,
    world.endpoints.filter(({ id }) => id !== from),
  ).id;
  await move(mover!, session, to);
  const movedAtMs = instantMs();
  return Promise.all(
    world.clients.slice(1).map(async (client) => {
      await until(`${session} is seen at ${to}`, async () => (await askKeyed(client, session)) === to);
      return instantMs() - movedAtMs;
    }),
  );
}

/** Asks again where the node could not ask its store in time. */
const move = ({ adminOrigin }: HoldfastNode, session: string, to: string): Promise<unknown> =>
  until(`${session} is moved to ${to}`, async () => {
    const explained = await post(`${adminOrigin}/explain`, {
      target: '/keyed',
      headers: [['X-Session', session]],
    });
    const { keys } = (await explained.json()) as { readonly keys: readonly { readonly key: string }[] };
    const moved = await post(`${adminOrigin}/sessions/${keys[0]?.key}/move`, { to: `keyed/${to}` });
    return moved.ok;
  });

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });
