import { describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { pick, testRandom } from '../support/seed.ts';
import { type Stage, useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

const HEALTH_CHECK = {
  path: '/healthz',
  interval: '200ms',
  timeout: '1s',
  healthyAfter: 2,
  unhealthyAfter: 2,
};

interface Cluster {
  readonly nodes: readonly HoldfastNode[];
  readonly clients: readonly HttpClient[];
  readonly endpoints: readonly EndpointProcess[];
  /** The endpoint that dies. */
  readonly victim: EndpointProcess;
}

/** Three nodes, four endpoints and a Redis. */
async function startCluster(stage: Stage, wishes: Partial<NodeWishes> = {}): Promise<Cluster> {
  const redis = await stage.startRedis();
  const endpoints = await stage.startEndpoints(4);
  const nodes = await stage.startNodes(3, {
    storeUrl: redis.url,
    pool: { healthCheck: HEALTH_CHECK },
    ...wishes,
  });
  return { nodes, clients: stage.clients(nodes), endpoints, victim: endpoints[0] as EndpointProcess };
}

const untilAllSee = (nodes: readonly HoldfastNode[], endpoint: string, standing: string): Promise<unknown> =>
  Promise.all(
    nodes.map((node) =>
      until(
        `${node.name} sees ${endpoint} ${standing}`,
        async () => (await node.standingOf(endpoint)) === standing,
      ),
    ),
  );

const at = (visitors: readonly Visitor[], endpoint: string): readonly Visitor[] =>
  visitors.filter(({ path }) => path[0] === endpoint);

const notAt = (visitors: readonly Visitor[], endpoint: string): readonly Visitor[] =>
  visitors.filter(({ path }) => path[0] !== endpoint);

const failedVisits = (visitors: readonly Visitor[]): readonly unknown[] =>
  visitors.flatMap(({ name, visits }) =>
    visits.filter(({ status }) => status !== 200).map(({ response }) => ({ name, ...response })),
  );

describe('when an endpoint dies', () => {
  const stage = useStage();

  it('moves each of its sessions once, to a place that every node agrees on, and leaves the others alone', async () => {
    const { nodes, clients, victim } = await startCluster(stage());
    const visitors = await welcome(120, clients);
    await visitAll(visitors, clients);
    const orphans = at(visitors, 'shop-1');
    expect(orphans.length).toBeGreaterThan(10);

    await victim.kill();
    await visitAll(visitors, clients);
    await untilAllSee(nodes, 'shop-1', 'down');
    await visitAll(visitors, clients);

    expect(failedVisits(visitors)).toEqual([]);
    expect(new Set(Object.values(pathsOf(notAt(visitors, 'shop-1'))))).toEqual(
      new Set(['shop-2', 'shop-3', 'shop-4']),
    );
    for (const orphan of orphans) {
      expect(orphan.path, `${orphan.name} moved once`).toHaveLength(2);
      expect(orphan.lastVisit?.version).toBe(2);
      expect(orphan.visits.filter(({ outcome }) => outcome === 'repinned')).toHaveLength(1);
      expect(orphan.visits.flatMap(({ moved }) => moved ?? [])).toEqual([
        expect.stringMatching(/^from=shop\/shop-1; reason=(endpoint-down|connect-failed)$/),
      ]);
    }

    // The endpoint comes back, and its old sessions stay where they went; only new ones find it.
    await victim.start();
    await untilAllSee(nodes, 'shop-1', 'serving');
    const pathsBefore = pathsOf(visitors);
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(pathsBefore);
    expect(at(await welcome(24, clients), 'shop-1').length).toBeGreaterThan(0);
  });

  it('fails no idempotent request under load, and gives no POST to the endpoints twice', async () => {
    const { clients, endpoints, victim } = await startCluster(stage());
    const random = testRandom('endpoint death under load');
    const visitors = await welcome(60, clients);
    const posts = new Map<string, number | 'lost'>();
    const load = inBackground(24, async () => {
      const visitor = pick(random, visitors);
      const client = pick(random, clients);
      const isPost = random.unit() < 0.5;
      const id = `${isPost ? 'post' : 'get'}-${posts.size}-${random.unit()}`;
      const path = random.unit() < 0.3 ? '/slow?ms=20' : '/echo';
      if (!isPost) return visitor.visit(client, { path });
      posts.set(id, 'lost');
      const { status } = await client.send({
        path,
        method: 'POST',
        headers: { 'x-unique-id': id, cookie: `_srv_id=${visitor.cookie}` },
        body: 'order',
      });
      return posts.set(id, status);
    });

    await until('the load is under way', () => load.turns > 300);
    await victim.kill();
    const turnsAtDeath = load.turns;
    await until('the load has gone on', () => load.turns > turnsAtDeath + 600);
    await load.stop();

    expect(failedVisits(visitors)).toEqual([]);
    for (const [id, status] of posts) {
      const timesSeen = endpoints.reduce((sum, endpoint) => sum + endpoint.timesSeen(id), 0);
      expect(timesSeen, `${id} was answered ${status}`).toBeLessThanOrEqual(1);
      if (status === 200) expect(timesSeen, `${id} was answered 200`).toBe(1);
      else expect(status, id).toBe(502);
    }
  });

  it('answers 503 where sessions must not move, and serves them as before when the endpoint is back', async () => {
    const { nodes, clients, victim } = await startCluster(stage(), { affinity: { onEndpointDown: 'fail' } });
    const visitors = await welcome(24, clients);
    const orphans = at(visitors, 'shop-1');
    expect(orphans.length).toBeGreaterThan(0);

    await victim.kill();
    await untilAllSee(nodes, 'shop-1', 'down');
    await visitAll(orphans, clients);
    for (const { lastVisit } of orphans) {
      expect(lastVisit?.status).toBe(503);
      expect(lastVisit?.response.body).toContain('UPSTREAM_NONE_AVAILABLE');
    }
    await visitAll(notAt(visitors, 'shop-1'), clients);
    expect(failedVisits(notAt(visitors, 'shop-1'))).toEqual([]);

    await victim.start();
    await untilAllSee(nodes, 'shop-1', 'serving');
    await visitAll(orphans, clients);
    for (const { lastVisit, cookiesSet } of orphans) {
      expect(lastVisit).toMatchObject({ status: 200, servedBy: 'shop-1', version: 1 });
      expect(cookiesSet).toBe(1);
    }
  });

  it('answers 503 with Retry-After while all are down, keeps every pin, and goes on as before', async () => {
    const { nodes, clients, endpoints } = await startCluster(stage());
    const visitors = await welcome(40, clients);
    const homes = pathsOf(visitors);

    await Promise.all(endpoints.map((endpoint) => endpoint.kill()));
    await Promise.all(endpoints.map(({ id }) => untilAllSee(nodes, id, 'down')));
    await visitAll(visitors, clients);
    for (const { lastVisit } of visitors) {
      expect(lastVisit?.status).toBe(503);
      expect(lastVisit?.response.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(await nodes[0]?.pinnedTotal()).toBe(visitors.length);

    await Promise.all(endpoints.map((endpoint) => endpoint.start()));
    await Promise.all(endpoints.map(({ id }) => untilAllSee(nodes, id, 'serving')));
    for (const visitor of visitors) visitor.visits.splice(1);
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(
      visitors.filter(({ lastVisit, cookiesSet }) => lastVisit?.version !== 1 || cookiesSet !== 1),
    ).toEqual([]);
  });
});
