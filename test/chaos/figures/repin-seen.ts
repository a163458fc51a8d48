import type { HoldfastNode } from '../../support/holdfast-node.ts';
import type { Sender } from '../../support/http-client.ts';
import { pick } from '../../support/seed.ts';
import { until } from '../../support/until.ts';
import { Visitor } from '../../support/visitor.ts';
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
    await inParallel(Array(samples).keys(), 2, async () => {
      lagsMs.push(...(await moveOne(world, await knownSession(world))));
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
      const sessions = await Promise.all(Array.from({ length }, () => knownSession(world)));
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

/** A session that every node remembers, by the cookie that it had from the start. */
export interface KnownSession {
  readonly cookie: string;
  readonly endpoint: string;
}

export async function knownSession({ clients }: World): Promise<KnownSession> {
  const visitor = new Visitor('a visitor');
  return until('all nodes know where a session is', async () => {
    await visitor.visit(clients[0]!);
    const { cookie = '' } = visitor;
    const [endpoint, ...others] = await Promise.all(clients.map((client) => placeOf(client, cookie)));
    return endpoint !== undefined && others.every((other) => other === endpoint) && { cookie, endpoint };
  });
}

/** Where the node of that client serves a session whose client has heard nothing of a move. */
const placeOf = async (client: Sender, cookie: string): Promise<string | undefined> =>
  (await client.send({ headers: { cookie: `_srv_id=${cookie}` } })).headers['x-served-by'];

/** Moves a session at the first node, and says how long each of the others still went by its old place. */
export async function moveOne(world: World, { cookie, endpoint }: KnownSession): Promise<readonly number[]> {
  const [mover] = world.nodes;
  const others = world.endpoints.filter(({ id }) => id !== endpoint);
  const { id } = pick(world.random, others);
  await move(mover!, cookie, id);
  const movedAtMs = instantMs();
  return Promise.all(
    world.clients.slice(1).map(async (client) => {
      await until(`the session is seen at ${id}`, async () => (await placeOf(client, cookie)) === id);
      return instantMs() - movedAtMs;
    }),
  );
}

/** Asks again where the node could not ask its store in time. */
const move = ({ adminOrigin }: HoldfastNode, cookie: string, to: string): Promise<unknown> =>
  until(`a session is moved to ${to}`, async () => {
    const explained = await post(`${adminOrigin}/explain`, { headers: [['Cookie', `_srv_id=${cookie}`]] });
    const { keys } = (await explained.json()) as { readonly keys: readonly { readonly key: string }[] };
    const moved = await post(`${adminOrigin}/sessions/${keys[0]?.key}/move`, { to: `shop/${to}` });
    return moved.ok;
  });

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });
