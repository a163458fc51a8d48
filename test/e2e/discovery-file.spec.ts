import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holdfast } from '../support/command.ts';
import { endpointsOf, shopDiscovered } from '../support/discovered.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { LoopbackEndpoints } from '../support/loopback-endpoints.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

describe('a pool whose endpoints a file lists', () => {
  const stage = useStage('file');
  let endpoints: LoopbackEndpoints;
  let node: HoldfastNode;
  let client: HttpClient;
  /** A node whose file is not there yet. */
  let starting: Promise<HoldfastNode>;

  const path = (): string => join(stage().dir, 'endpoints.yaml');
  const late = (): string => join(stage().dir, 'late.yaml');
  const list = (...lasts: readonly number[]): string =>
    lasts.map((last) => `- url: http://127.0.0.${last}:${endpoints.port}\n`).join('');
  /** As deployments replace a file: at once. */
  const replace = async (text: string): Promise<void> => {
    await writeFile(`${path()}.new`, text);
    await rename(`${path()}.new`, path());
  };
  const has = (addresses: string) =>
    until(`the node has ${addresses}`, async () => {
      const all = await endpointsOf(node, 'shop');
      return (
        all.map(({ address, isLeaving }) => address.slice(8) + (isLeaving ? '-' : '')).join(' ') === addresses
      );
    });

  beforeAll(async () => {
    endpoints = await LoopbackEndpoints.start();
    await writeFile(path(), list(1, 2));
    node = await stage().startNode(shopDiscovered({ type: 'file', path: path(), removeAfter: '1h' }));
    client = stage().client(node);
    starting = stage().startNode(shopDiscovered({ type: 'file', path: late() }));
    starting.catch(() => {});
  });

  afterAll(() => endpoints.close());

  it('follows the file as it is replaced, under load and without a failed request', async () => {
    const visitors = await welcome(12, [client]);
    const homes = pathsOf(visitors);
    const load = inBackground(2, () => visitAll(visitors, [client]));
    await replace(list(2, 3));
    await has('1- 2 3');
    const newcomers = await welcome(6, [client]);
    expect(new Set(newcomers.map(({ path: ends }) => ends[0]))).toEqual(new Set(['127.0.0.2', '127.0.0.3']));
    await replace(list(1, 2));
    await has('1 2 3-');
    await load.stop();
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
  });

  it('keeps what it has while the file is wrong or gone, and says why', async () => {
    const says = (why: RegExp) =>
      until(`it says ${why}`, async () => (await node.status()).warnings.some((said) => why.test(said)));
    await replace(`${list(1)}- urll: nothing\n`);
    await says(/endpoints\.yaml:2:3: \[1\]\.urll: unknown key/);
    await has('1 2 3-');
    await rm(path());
    await says(/ENOENT/);
    await has('1 2 3-');
    await replace(list(1, 2));
    await until('it is well again', async () => (await node.status()).warnings.length === 0);
    await has('1 2 3-');
  });

  it('becomes one of the configuration by a reload, and back: sessions stay, an unchanged discovery goes on', async () => {
    const visitors = await welcome(8, [client]);
    const homes = pathsOf(visitors);
    const discovered = shopDiscovered({ type: 'file', path: path(), removeAfter: '1h' });
    const fixed = {
      endpoints: [1, 2].map((last) => ({
        id: `127.0.0.${last}:${endpoints.port}`,
        url: `http://127.0.0.${last}:${endpoints.port}`,
      })),
    };
    const answers = async () => (await node.status()).pools[0]?.discovery?.answers;

    const before = (await answers()) ?? 0;
    await node.reload({
      ...discovered,
      secrets: ['another secret, long enough', 'a secret for tests, long enough'],
    });
    expect(await answers()).toBe(before);
    await has('1 2 3-');

    expect(await node.reload(fixed)).toMatchObject({ outcome: 'applied' });
    expect((await node.status()).pools[0]).toMatchObject({
      endpoints: [{ from: 'configuration' }, { from: 'configuration' }],
    });
    expect((await node.status()).pools[0]?.discovery).toBeUndefined();
    await visitAll(visitors, [client]);

    expect(await node.reload(discovered)).toMatchObject({ outcome: 'applied' });
    expect((await node.status()).pools[0]).toMatchObject({ endpoints: [{ from: 'file' }, { from: 'file' }] });
    await visitAll(visitors, [client]);
    expect(pathsOf(visitors)).toEqual(homes);
  });

  it('is ready after five seconds where nobody is named, answers 503, and serves from the next answer on', async () => {
    const visitor = stage().client(await starting);
    expect((await visitor.send()).status).toBe(503);
    await writeFile(late(), list(1));
    await until('it serves', async () => (await visitor.send()).status === 200);
  });

  it('is checked by validate without a look at the file', async () => {
    const { stdout, exitCode } = await holdfast('validate', '-c', node.file);
    expect(stdout).toContain('those of 1 pool are discovered');
    expect(exitCode).toBe(0);
  });
});
