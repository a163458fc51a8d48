import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointsOf, shopDiscovered } from '../support/discovered.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { KubernetesApi, type Pod, pod } from '../support/kubernetes-api.ts';
import { LoopbackEndpoints } from '../support/loopback-endpoints.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

const TERMINATING: Pod['conditions'] = { ready: false, serving: true, terminating: true };

describe('a pool whose endpoints the EndpointSlices of a Service name', () => {
  const stage = useStage('file');
  let pods: LoopbackEndpoints;
  let api: KubernetesApi;
  let node: HoldfastNode;
  let client: HttpClient;

  const [a, b, c] = [pod('127.0.2.1', 'shop-a'), pod('127.0.2.2', 'shop-b'), pod('127.0.2.3', 'shop-c')];
  const leaving = (of: Pod): Pod => ({ ...of, conditions: TERMINATING });

  beforeAll(async () => {
    pods = await LoopbackEndpoints.start();
    api = await KubernetesApi.start(pods.port);
    api.setSlice('shop-1', [a, b]);
    const kubeconfig = join(stage().dir, 'kubeconfig.yaml');
    await writeFile(kubeconfig, api.kubeconfig);
    const discovery = { type: 'kubernetes', namespace: 'store', service: 'shop', port: 'http', kubeconfig };
    node = await stage().startNode(shopDiscovered(discovery));
    client = stage().client(node);
  });

  afterAll(async () => {
    await api.close();
    await pods.close();
  });

  /** As `shop-a shop-b-`: who leaves has a minus. */
  const has = (names: string) =>
    until(`the node has ${names}`, async () => {
      const all = await endpointsOf(node, 'shop');
      return (
        all.map(({ id, isLeaving }) => id.slice('shop/'.length) + (isLeaving ? '-' : '')).join(' ') === names
      );
    });
  const isWatching = () => until('the node watches', () => api.watches === 1);
  const lists = (): number => api.requests.filter(({ kind }) => kind === 'list').length;
  const lastWatch = () => api.requests.findLast(({ kind }) => kind === 'watch');

  it('has the pods of the Service, asked for as the kubeconfig says', async () => {
    await has('shop-a shop-b');
    await isWatching();
    const path = '/apis/discovery.k8s.io/v1/namespaces/store/endpointslices';
    const selector = 'kubernetes.io/service-name=shop';
    expect(api.requests).toMatchObject([
      { kind: 'list', path, selector, authorization: 'Bearer a token' },
      { kind: 'watch', path, selector, authorization: 'Bearer a token', version: '101' },
    ]);
    const [visitor] = await welcome(1, [client]);
    expect(['127.0.2.1', '127.0.2.2']).toContain(visitor?.path[0]);
  });

  it('keeps the sessions of a pod that terminates and gives it no new ones; when it is gone, they are served elsewhere', async () => {
    api.setSlice('shop-1', [a, b]);
    const visitors = await welcome(12, [client]);
    const homes = pathsOf(visitors);
    const load = inBackground(2, () => visitAll(visitors, [client]));
    api.setSlice('shop-1', [leaving(a), b, c]);
    await has('shop-a- shop-b shop-c');
    const newcomers = await welcome(6, [client]);
    expect(new Set(newcomers.map(({ path }) => path[0]))).toEqual(new Set(['127.0.2.2', '127.0.2.3']));
    const { turns } = load;
    await until('everybody has come once more', () => load.turns >= turns + 2);
    expect(pathsOf(visitors)).toEqual(homes);

    api.setSlice('shop-1', [b, c]);
    await has('shop-b shop-c');
    await load.stop();
    await visitAll(visitors, [client]);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    for (const { path } of visitors) expect(path.at(-1)).not.toBe('127.0.2.1');
    expect(
      visitors.filter(({ path }) => path[0] === '127.0.2.2').map(({ path }) => path.length),
    ).not.toContain(2);
  });

  it('gives a pod at the address of another one none of its sessions', async () => {
    api.setSlice('shop-1', [a, b, c]);
    await has('shop-a shop-b shop-c');
    const visitors = await welcome(12, [client]);
    const orphans = visitors.filter(({ path }) => path[0] === '127.0.2.1');
    expect(orphans.length).toBeGreaterThan(0);
    // The pod of a StatefulSet comes back with its name, here even with its address, and is another one.
    api.setSlice('shop-1', [{ ...a, uid: 'another-uid' }, b, c]);
    await until('nobody comes to the old one', async () => {
      await visitAll(orphans, [client]);
      return orphans.every(({ path }) => path.length === 2);
    });
    expect(orphans.flatMap(({ visits }) => visits.flatMap(({ moved }) => moved ?? []))).toEqual(
      orphans.map(() => 'from=shop/shop-a; reason=endpoint-replaced'),
    );
    await visitAll(orphans, [client]);
    for (const { path } of orphans) expect(path).toHaveLength(2);
  });

  it('goes on where it was after bookmarks and broken connections, without another list', async () => {
    await isWatching();
    const before = lists();
    api.bookmark();
    api.setSlice('shop-2', [pod('127.0.2.9', 'shop-z')]);
    await has('shop-a shop-b shop-c shop-z');
    api.disconnect();
    api.removeSlice('shop-2');
    await has('shop-a shop-b shop-c');
    await isWatching();
    expect(lists()).toBe(before);
  });

  it('lists again where the API has forgotten what happened, whether it says so at once or later', async () => {
    const forgetLater = (): void => {
      api.forget();
      api.disconnect();
    };
    for (const forget of [() => api.expire(), forgetLater]) {
      await isWatching();
      const before = lists();
      forget();
      api.setSlice('shop-1', [b, c]);
      await has('shop-b shop-c');
      expect(lists()).toBeGreaterThan(before);
      expect(Number(lastWatch()?.version)).toBeGreaterThan(150);
      api.setSlice('shop-1', [a, b, c]);
      await has('shop-a shop-b shop-c');
    }
  });

  it('keeps the pods that it knows while the API refuses, or names none', async () => {
    await isWatching();
    api.refuse(true);
    api.disconnect();
    await until('it says so', async () => (await node.status()).warnings.length === 1);
    await has('shop-a shop-b shop-c');
    expect((await welcome(3, [client])).map(({ lastVisit }) => lastVisit?.status)).toEqual([200, 200, 200]);
    api.refuse(false);
    await until('it is well again', async () => (await node.status()).warnings.length === 0);
    api.setSlice('shop-1', []);
    await until('it says so', async () => (await node.status()).warnings.length === 1);
    await has('shop-a shop-b shop-c');
  });
});
