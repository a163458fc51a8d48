import { describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { visitAll, welcome } from '../support/visitor.ts';

const CHECK = { path: '/healthz', interval: '100ms', timeout: '500ms' };

describe('health checks', () => {
  const stage = useStage();

  const untilStanding = (node: HoldfastNode, endpoint: EndpointProcess, standing: string): Promise<unknown> =>
    until(`${endpoint.id} is ${standing}`, async () => (await node.standingOf(endpoint.id)) === standing);

  it('take an endpoint down after its failed probes, and bring it back after as many passed ones as it takes', async () => {
    const [endpoint] = (await stage().startEndpoints(2)) as [EndpointProcess, EndpointProcess];
    const node = await stage().startNode({
      pool: { healthCheck: { ...CHECK, healthyAfter: 3, unhealthyAfter: 2 } },
    });
    const clients = stage().clients();

    await endpoint.setHealth(500);
    await untilStanding(node, endpoint, 'down');
    expect((await welcome(8, clients)).every(({ path }) => path[0] === 'shop-2')).toBe(true);

    await endpoint.setHealth(200);
    await untilStanding(node, endpoint, 'serving');
    expect((await welcome(8, clients)).some(({ path }) => path[0] === 'shop-1')).toBe(true);

    // Only the two changes are news; the probes in between are not.
    const news = node.events.filter(({ endpoint: id }) => id === 'shop/shop-1');
    expect(news.map(({ from, to }) => `${from} > ${to}`)).toEqual(['serving > down', 'down > serving']);
    const times = news.map(({ time }) => Date.parse(String(time)));
    // Three probes lie at least two intervals apart, whatever else the machine does.
    expect(Number(times[1]) - Number(times[0])).toBeGreaterThanOrEqual(200);
  });

  it('find an endpoint that is frozen: it accepts connections and never answers', async () => {
    const [endpoint] = (await stage().startEndpoints(3)) as [EndpointProcess];
    const node = await stage().startNode({
      pool: { healthCheck: { ...CHECK, healthyAfter: 2, unhealthyAfter: 2 } },
    });
    const clients = stage().clients();
    const visitors = await welcome(30, clients);
    const orphans = visitors.filter(({ path }) => path[0] === 'shop-1');
    expect(orphans.length).toBeGreaterThan(0);

    endpoint.freeze();
    await untilStanding(node, endpoint, 'down');
    await visitAll(visitors, clients);
    await visitAll(visitors, clients);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(orphans.map(({ path, lastVisit }) => [path.length, lastVisit?.version])).toEqual(
      orphans.map(() => [2, 2]),
    );

    endpoint.thaw();
    await untilStanding(node, endpoint, 'serving');
    await visitAll(visitors, clients);
    expect(orphans.every(({ path }) => path.length === 2)).toBe(true);
  });

  it('are not needed to find out: requests that time out take an endpoint down as well', async () => {
    const [endpoint] = (await stage().startEndpoints(2)) as [EndpointProcess];
    const node = await stage().startNode({
      pool: {
        timeouts: { response: '250ms' },
        outlierDetection: { consecutiveFailures: 2, ejectionTime: '1s' },
      },
    });
    const clients = stage().clients();
    const visitors = await welcome(8, clients);
    const orphan = visitors.find(({ path }) => path[0] === 'shop-1');

    endpoint.freeze();
    await orphan?.visit(clients[0]!);
    expect(orphan?.lastVisit?.status).toBe(504);
    await orphan?.visit(clients[0]!);
    expect(await node.standingOf('shop-1')).toBe('down');
    await orphan?.visit(clients[0]!);
    expect(orphan?.lastVisit).toMatchObject({ status: 200, servedBy: 'shop-2', outcome: 'repinned' });

    endpoint.thaw();
    await untilStanding(node, endpoint, 'serving');
    expect((await welcome(4, clients)).some(({ path }) => path[0] === 'shop-1')).toBe(true);
  });
});
