import { describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { Scrape } from '../support/prometheus-text.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { untilWorkers } from '../support/supervised-node.ts';
import { until } from '../support/until.ts';

const stage = useStage();
const REQUEST = ['GET / HTTP/1.1', 'Host: shop.test', 'Connection: close'];
const COUNT = 'http_server_request_duration_seconds_count';

/** Requests of clients that connect for each of them, which any worker may get. */
async function send(node: HoldfastNode, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++)
    expect((await rawRequest(node.ports.port, REQUEST)).status).toBe(200);
}

const scrape = (node: HoldfastNode) => Scrape.of(node.adminOrigin);
const counted = async (node: HoldfastNode) => (await scrape(node)).sum(COUNT);

describe('the metrics of a node of two workers', () => {
  it('are the sums of what its workers have counted, and never go back when those are replaced', async () => {
    await stage().startEndpoints(2);
    const node = await stage().startNode({ storeUrl: stage().sqliteUrl(), top: { workers: 2 } });
    const pids = await untilWorkers(node, 2);
    for (const [asked, all] of [
      [40, 40],
      [20, 60],
    ] as const) {
      await send(node, asked);
      // A worker counts a request when it is over, which its client may know first.
      await until('all are counted', async () => (await counted(node)) === all);
    }
    const told = await scrape(node);
    expect(told.series(COUNT)).toHaveLength(1);
    expect(told.series('holdfast_endpoint_up').map(({ value }) => value)).toEqual([1, 1]);
    expect(told.sum('holdfast_config_reloads_total')).toBe(0);
    expect(told.series('holdfast_node_phase').filter(({ value }) => value === 1)).toHaveLength(1);

    node.child.signal('SIGUSR2');
    await until('both workers are others', async () =>
      (await untilWorkers(node, 2)).every((pid) => !pids.includes(pid)),
    );
    expect(await counted(node), 'what was counted by workers that were replaced').toBe(60);
    await send(node, 10);
    await until('all are counted', async () => (await counted(node)) === 70);

    const [victim] = await untilWorkers(node, 2);
    process.kill(victim as number, 'SIGKILL');
    await until(
      'it has been replaced',
      async () => !(await untilWorkers(node, 2)).includes(victim as number),
    );
    expect(await counted(node), 'what was counted by a worker that was killed').toBe(70);
    expect((await node.status()).requests.requests).toBeLessThanOrEqual(70);
  });
});
