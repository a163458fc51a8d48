import { beforeAll, describe, expect, it } from 'vitest';
import { type Ended, holdfast } from '../support/command.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { wishesFor } from '../support/reloading.ts';
import { useStage } from '../support/stage.ts';
import { untilWorkers } from '../support/supervised-node.ts';
import { until } from '../support/until.ts';
import { visitAll, welcome } from '../support/visitor.ts';

const stage = useStage('file');

let shared: HoldfastNode;
let single: HoldfastNode;
let clients: readonly HttpClient[];
let added: string;

/** One node of two workers and one of a single process, on one session map, with the first of two endpoints. */
beforeAll(async () => {
  const [, second] = await stage().startEndpoints(2);
  added = second?.url ?? '';
  const wishes = wishesFor(stage(), [1], {
    storeUrl: stage().sqliteUrl(),
    admin: { endpointNetworks: ['127.0.0.0/8'] },
  });
  shared = await stage().startNode({ ...wishes, top: { workers: 2 } });
  single = await stage().startNode(wishes);
  await untilWorkers(shared, 2);
  clients = stage().clients();
});

const ask = (...args: readonly string[]): Promise<Ended> =>
  holdfast('endpoints', ...args, '--url', shared.adminOrigin, single.adminOrigin);

const send = (node: HoldfastNode, method: string, path: string, body?: object): Promise<Response> =>
  fetch(node.adminOrigin + path, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });

/** Has new visitors come to both nodes, and then each of them to the other one; answers with who served them. */
async function newcomers(count: number) {
  const visitors = await welcome(count, clients);
  await visitAll(visitors, clients);
  expect(visitors.filter(({ path }) => path.length !== 1).map(({ path }) => path)).toEqual([]);
  return new Set(visitors.flatMap(({ path }) => path));
}

describe('an endpoint that is added to running nodes', () => {
  it('serves on all of their processes, outlives reloads and workers, and is removed when it is empty', async () => {
    expect(await newcomers(12)).toEqual(new Set(['shop-1']));
    const said = await ask('add', 'shop', added, '--id', 'shop-2');
    expect(said, said.stderr).toMatchObject({ exitCode: 0 });
    expect(said.stdout).toBe('shop/shop-2 is serving\n'.repeat(2));
    expect(await newcomers(24)).toEqual(new Set(['shop-1', 'shop-2']));

    for (const node of [shared, single]) expect((await send(node, 'POST', '/reload')).status).toBe(200);
    const before = await untilWorkers(shared, 2);
    process.kill(before[0] ?? 0, 'SIGKILL');
    await until('another worker serves', async () => {
      const now = await untilWorkers(shared, 2);
      return !now.includes(before[0] ?? 0);
    });
    expect(await newcomers(24)).toEqual(new Set(['shop-1', 'shop-2']));

    const early = await send(single, 'DELETE', '/endpoints/shop/shop-2');
    expect([early.status, await early.text()]).toEqual([412, expect.stringContaining('still needed')]);
    await send(single, 'PUT', '/endpoints/shop/shop-2/drain', { deadline: '1s' });
    await until(
      'nobody is left',
      async () => ((await single.status()).pinned?.['shop/shop-2'] ?? 0) === 0,
      15_000,
    );
    const removed = await ask('remove', 'shop/shop-2');
    expect(removed, removed.stderr).toMatchObject({ exitCode: 0 });
    expect(await newcomers(12)).toEqual(new Set(['shop-1']));
  });

  it('is refused elsewhere than where the configuration allows it', async () => {
    for (const node of [shared, single])
      for (const url of ['http://169.254.169.254', 'http://10.0.0.1:8080', 'http://localhost:8080']) {
        const refused = await send(node, 'POST', '/endpoints/shop', { url });
        expect([refused.status, await refused.text()]).toEqual([
          403,
          expect.stringContaining('admin.endpointNetworks'),
        ]);
      }
  });
});
