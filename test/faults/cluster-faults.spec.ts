import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@holdfast/shared';
import { redisCommand } from '@holdfast/store/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { knownSession, moveOne } from '../chaos/figures/repin-seen.ts';
import { failuresAmong, waysOf } from '../chaos/measures.ts';
import { World } from '../chaos/world.ts';
import { wishesFor } from '../chaos/world-node.ts';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import { HoldfastNode } from '../support/holdfast-node.ts';
import { sealCookie } from '../support/sealed-cookie.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor, visitAll, welcome } from '../support/visitor.ts';
import { atRate, inParallel } from '../support/workers.ts';

/** A busy machine is no reason to take the store for gone. */
const PATIENT = '5s';
const RACES = 300;
const FLAPS = Number(process.env.CHAOS_FLAPS ?? 3);
const FLAP_MS = 700;
const IDLE_TIMEOUT_MS = 1_000;
const BETWEEN_MS = 10;

const programOf = (file: string): string => fileURLToPath(new URL(`../support/${file}`, import.meta.url));

describe('three nodes before four endpoints', () => {
  const stage = useStage('file');
  let world: World;
  beforeAll(async () => {
    world = await World.open(stage(), 'cluster faults', { commandTimeout: PATIENT });
  });
  afterEach(() => world.untilWhole());
  afterAll(() => world?.close());

  it('R2: pin a session once whose first requests come to all of them at the same moment', async () => {
    const places = new Set<string | undefined>();
    await inParallel(Array(RACES).keys(), 8, async (race) => {
      const session = `race-${race}`;
      const request = { path: '/keyed', headers: { 'x-session': session } };
      const answers = await Promise.all(world.clients.map((client) => client.send(request)));
      const [first, ...others] = answers.map(({ headers }) => headers['x-served-by']);
      expect(others, session).toEqual([first, first]);
      places.add(first);
    });
    expect(places.size).toBe(world.endpoints.length);
  });

  it('R3: give a session that names an endpoint which there is not a place, and a cookie that says so', async () => {
    const cookie = `_srv_id=${sealCookie({ endpoint: 'shop-9' })}`;
    const first = await world.clients[0]!.send({ headers: { cookie } });
    expect(first).toMatchObject({ status: 200, setCookies: [expect.stringMatching(/^_srv_id=/)] });
    const [given = ''] = first.setCookies[0]?.split(';') ?? [];
    for (const client of world.clients) {
      const again = await client.send({ headers: { cookie: given } });
      expect(again.headers['x-served-by']).toBe(first.headers['x-served-by']);
    }
  });

  it('R11: move nobody more often than an endpoint goes down, however fast it comes and goes', async () => {
    const crowd = world.crowd();
    await crowd.welcome(120);
    const [flapping] = world.endpoints;
    const load = atRate(200, () => (world.random.unit() < 0.1 ? crowd.newcomer() : crowd.visit()));
    for (let flap = 0; flap < FLAPS; flap++) {
      const flapsAtMs = systemClock.elapsed() + FLAP_MS;
      await world.kill(flapping!);
      await world.revive(flapping!);
      await until('it is time for the next flap', () => systemClock.elapsed() >= flapsAtMs);
    }
    await load.stop();
    const gets = crowd.seen.filter(({ method }) => method === 'GET');
    expect(failuresAmong(gets)).toEqual([]);
    // One request may be served elsewhere without a move of its session.
    const ways = [...waysOf(crowd.seen.filter(({ outcome }) => outcome !== 'fallback')).values()];
    // Only who is at the endpoint that flaps has a reason to leave, and nobody has one to come back.
    expect(ways.filter((way) => way.length > 2 || way.lastIndexOf(flapping!.id) > 0)).toEqual([]);
    expect(ways.filter((way) => way.length === 2).length).toBeGreaterThan(10);
  });

  it('R13: serve a session elsewhere whose endpoint only another of them has been told of yet, and leave it there', async () => {
    const [fifth] = await stage().startEndpoints(1);
    const wishesOf = (index: number, endpoints: readonly EndpointProcess[]) =>
      wishesFor(endpoints, `redis://127.0.0.1:${world.links[index]!.port}`, PATIENT);
    const reload = (index: number, endpoints: readonly EndpointProcess[]) =>
      world.nodes[index]!.reload(wishesOf(index, endpoints));
    const all = [...world.endpoints, fifth!];

    expect(await reload(0, all)).toMatchObject({ outcome: 'applied' });
    const visitors = await welcome(40, world.clients.slice(0, 1));
    const early = visitors.filter(({ path }) => path[0] === fifth!.id);
    expect(early.length).toBeGreaterThan(2);
    await visitAll(visitors, world.clients.slice(1));
    for (const { lastVisit } of early) expect(lastVisit).toMatchObject({ status: 200, outcome: 'fallback' });

    for (const index of [1, 2]) expect(await reload(index, all)).toMatchObject({ outcome: 'applied' });
    await visitAll(visitors, world.clients);
    for (const { name, lastVisit } of early)
      expect(lastVisit, name).toMatchObject({ servedBy: fifth!.id, version: 1 });
    const others = visitors.filter((visitor) => !early.includes(visitor));
    expect(others.filter(({ path }) => path.length !== 1)).toEqual([]);
    for (const index of [0, 1, 2]) await reload(index, world.endpoints);
  });

  it('R14: go by a re-pin whose node was killed before it could tell the client', async () => {
    const visitors = await welcome(24, world.clients);
    const [victim] = world.endpoints;
    const orphan = visitors.find(({ path }) => path[0] === victim!.id);
    await world.kill(victim!);
    await visitAll(
      visitors.filter((visitor) => visitor !== orphan),
      world.clients,
    );
    await world.untilDown(victim!.id);

    const [mover, ...others] = world.nodes;
    const lost = orphan!
      .visit(world.clients[0]!, { path: '/slow?ms=60000', headers: { 'x-unique-id': 'moving' } })
      .catch(() => 'no answer');
    await until('the request is at another endpoint', () => world.reachedBy('moving').length === 1);
    await mover!.end('SIGKILL');
    expect(await lost).toBe('no answer');

    for (const [index, node] of others.entries()) {
      const visit = await orphan!.visit(world.clients[index + 1]!);
      expect(visit, node.name).toMatchObject({ servedBy: world.reachedBy('moving')[0], version: 2 });
      expect(visit.outcome, node.name).not.toBe('repinned');
    }
    await mover!.start();
    await world.revive(victim!);
  });

  it('R31: learn of a session that was moved while the connections for news were being replaced', async () => {
    for (let round = 0; round < 2; round++) {
      const session = await knownSession(world);
      await redisCommand(world.redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
      await moveOne(world, session);
      await world.untilStoreIsThere();
    }
  });

  it('R38: forget a session when it was idle for its time, not before, and write rarely to keep it', async () => {
    const nodes = await stage().startNodes(2, {
      storeUrl: `${world.redis.url}/1`,
      affinity: { idleTimeout: `${IDLE_TIMEOUT_MS}ms` },
    });
    const clients = stage().clients(nodes);
    const visitor = new Visitor('a regular');
    const startedAtMs = systemClock.elapsed();
    const lifetimeMs = 2 * IDLE_TIMEOUT_MS;
    let requests = 0;
    while (systemClock.elapsed() < startedAtMs + lifetimeMs) {
      await visitor.visit(clients[requests++ % clients.length]!);
      await pause(BETWEEN_MS);
    }
    const livedMs = systemClock.elapsed() - startedAtMs;
    expect(visitor.visits.map(({ version }) => version)).toEqual(Array(requests).fill(1));
    const touches = await Promise.all(
      nodes.map(async (node) => (await node.status()).store.operations.touch),
    );
    const quarters = Math.ceil(livedMs / (IDLE_TIMEOUT_MS / 4)) + 1;
    for (const touched of touches) expect(touched).toBeLessThanOrEqual(quarters);

    const lastAtMs = systemClock.elapsed();
    await until('it is forgotten', async () => (await nodes[0]!.pinnedTotal()) === 0);
    // Its deadline was last moved up to a quarter of the idle timeout before the last request.
    expect(systemClock.elapsed() - lastAtMs).toBeGreaterThan(0.7 * IDLE_TIMEOUT_MS);
  });

  it('R40: keep sessions where they are, and their cookies, though clocks of nodes differ by four seconds', async () => {
    const storeUrl = world.redis.url;
    const skewed = await Promise.all(
      ['ahead', 'behind'].map((name) =>
        HoldfastNode.create(
          `node-${name}`,
          stage().dir,
          wishesFor(world.endpoints, storeUrl, PATIENT),
          programOf(`node-${name}-program.ts`),
        ),
      ),
    );
    stage().nodes.push(...skewed);
    await Promise.all(skewed.map((node) => node.start()));
    const clients = [...stage().clients(skewed), ...world.clients.slice(0, 1)];
    const visitors = await welcome(60, clients);
    for (let round = 0; round < 3; round++) await visitAll(visitors, clients);
    const visits = visitors.flatMap((visitor) => visitor.visits);
    expect(visits.filter(({ status, version }) => status !== 200 || version !== 1)).toEqual([]);
    expect(visitors.filter(({ path, cookiesSet }) => path.length !== 1 || cookiesSet !== 1)).toEqual([]);
    expect(new Set(visits.map(({ node }) => node)).size).toBe(3);
    await Promise.all(skewed.map((node) => node.end()));
  });
});
