import { HoldfastError } from '@holdfast/shared';
import { ManualClock, seededRandom, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { RegistryAnswer } from '../registry.ts';
import { slice, sliceEndpoint } from '../testing/slices.ts';
import { KubernetesRegistry } from './kubernetes-registry.ts';
import type { SliceApi, SliceEvent, WatchEnd } from './slice-api.ts';

interface OpenWatch {
  readonly version: string;
  readonly hear: (event: SliceEvent) => void;
  readonly end: (end: WatchEnd) => void;
  readonly fail: (error: Error) => void;
  isStopped: boolean;
}

/** A registry before an API that the test plays. */
async function setUp(...pods: readonly number[]) {
  const clock = new ManualClock();
  const cluster = { slices: [sliceOf(1, ...pods)] as unknown[], version: 1, lists: 0 };
  const refusal: { of?: Error } = {};
  const watches: OpenWatch[] = [];
  const api: SliceApi = {
    async list() {
      cluster.lists += 1;
      if (refusal.of !== undefined) throw refusal.of;
      return { items: cluster.slices, resourceVersion: String(cluster.version) };
    },
    async watch(version, hear) {
      if (refusal.of !== undefined) throw refusal.of;
      const { promise: ended, resolve, reject } = Promise.withResolvers<WatchEnd>();
      const watch: OpenWatch = { version, hear, end: resolve, fail: reject, isStopped: false };
      watches.push(watch);
      const stop = (): void => {
        watch.isStopped = true;
        resolve('over');
      };
      return { ended, stop };
    },
  };
  const parts = { open: async () => api, clock, random: seededRandom(1) };
  const registry = new KubernetesRegistry({ port: 8080, scheme: 'http' }, parts);
  const heard: string[] = [];
  await registry.start((answer) => heard.push(described(answer)));
  await settle();
  const watch = (): OpenWatch => watches.at(-1) as OpenWatch;
  return { clock, cluster, refusal, watches, watch, registry, heard };
}

const sliceOf = (version: number, ...pods: readonly number[]) =>
  slice(
    'shop-1',
    pods.map((pod) => sliceEndpoint(`10.1.0.${pod}`, `pod-${pod}`)),
    version,
  );

const described = (answer: RegistryAnswer): string =>
  answer.kind === 'named' ? answer.endpoints.map(({ id }) => id).join(' ') : `failed: ${answer.reason}`;

describe('Kubernetes as a registry', () => {
  it('names what it lists, and what changes after it, from the version of the list on', async () => {
    const { watch, heard } = await setUp(1, 2);
    expect(watch().version).toBe('1');
    watch().hear({ type: 'MODIFIED', object: sliceOf(2, 1, 2, 3) });
    watch().hear({
      type: 'ADDED',
      object: { ...sliceOf(3, 9), metadata: { name: 'shop-2', resourceVersion: '3' } },
    });
    watch().hear({ type: 'DELETED', object: sliceOf(4, 1, 2, 3) });
    expect(heard).toEqual(['pod-1 pod-2', 'pod-1 pod-2 pod-3', 'pod-1 pod-2 pod-3 pod-9', 'pod-9']);
  });

  it('goes on where it was when a watch ends, without another list', async () => {
    const { clock, cluster, watch, watches, heard } = await setUp(1);
    watch().hear({ type: 'MODIFIED', object: sliceOf(7, 1, 2) });
    await clock.advance(60_000);
    watch().end('over');
    await settle();
    expect([watches.length, watch().version, cluster.lists]).toEqual([2, '7', 1]);
    expect(heard).toEqual(['pod-1', 'pod-1 pod-2', 'pod-1 pod-2']);
  });

  it('goes on from the last bookmark, which is no change', async () => {
    const { clock, watch, heard } = await setUp(1);
    watch().hear({
      type: 'BOOKMARK',
      object: { kind: 'EndpointSlice', metadata: { resourceVersion: '40' } },
    });
    expect(heard).toEqual(['pod-1']);
    await clock.advance(60_000);
    watch().end('over');
    await settle();
    expect(watch().version).toBe('40');
  });

  it('lists again when its version has expired, and forgets slices that are gone', async () => {
    const { clock, cluster, watch, heard } = await setUp(1, 2);
    cluster.slices = [{ ...sliceOf(90, 3), metadata: { name: 'shop-7', resourceVersion: '90' } }];
    cluster.version = 95;
    await clock.advance(60_000);
    watch().hear({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    watch().end('expired');
    await settle();
    expect([watch().version, cluster.lists]).toEqual(['95', 2]);
    expect(heard).toEqual(['pod-1 pod-2', 'pod-3']);
  });

  it('says that a watch has broken off, and goes on where it was', async () => {
    const { clock, cluster, watch, heard } = await setUp(1);
    await clock.advance(60_000);
    watch().fail(new Error('read ECONNRESET'));
    await settle();
    expect([heard, cluster.lists]).toEqual([['pod-1', 'failed: read ECONNRESET', 'pod-1'], 1]);
  });

  it('lists again when the API has refused a watch: it may never take that version any more', async () => {
    const { clock, cluster, refusal, watch, heard } = await setUp(1);
    await clock.advance(60_000);
    refusal.of = new Error('Too large resource version');
    watch().end('over');
    await settle();
    delete refusal.of;
    cluster.version = 1;
    await clock.advance(1_500);
    expect([heard, cluster.lists]).toEqual([['pod-1', 'failed: Too large resource version', 'pod-1'], 2]);
  });

  it('tries once in a second, give or take a half, while the API refuses', async () => {
    const { clock, cluster, refusal, watch } = await setUp(1);
    refusal.of = new Error('refused');
    await clock.advance(60_000);
    watch().end('expired');
    await settle();
    await clock.advance(20_000);
    expect(cluster.lists).toBeGreaterThan(12);
    expect(cluster.lists).toBeLessThan(42);
  });

  it('does not turn in circles where watches end at once', async () => {
    const { clock, watch, watches } = await setUp(1);
    for (let round = 0; round < 10; round++) {
      watch().end('over');
      await clock.advance(100);
    }
    expect(watches.length).toBeLessThan(4);
  });

  it('lists again when it cannot read a change, and says so when it cannot read the list', async () => {
    const { clock, cluster, watch, heard } = await setUp(1);
    cluster.slices = [{ kind: 'EndpointSlice' }];
    await clock.advance(60_000);
    watch().hear({
      type: 'MODIFIED',
      object: { metadata: { name: 'shop-1', resourceVersion: '2' }, endpoints: 7 },
    });
    await settle();
    expect(cluster.lists).toBe(2);
    expect(heard.at(-1)).toMatch(/^failed: /);
  });

  it('does not wait for ever for a list', async () => {
    const clock = new ManualClock();
    const api: SliceApi = { list: () => new Promise(() => {}), watch: () => new Promise(() => {}) };
    const parts = { open: async () => api, clock, random: seededRandom(1) };
    const registry = new KubernetesRegistry({ port: 8080, scheme: 'http' }, parts);
    const heard: string[] = [];
    await registry.start((answer) => heard.push(described(answer)));
    await clock.advance(10_000);
    expect(heard).toEqual(['failed: the Kubernetes API did not answer within 10000 ms']);
  });

  it('cannot begin where the API cannot be opened', async () => {
    const open = () => Promise.reject(new HoldfastError('INTERNAL', 'install it'));
    const parts = { open, clock: new ManualClock(), random: seededRandom(1) };
    const registry = new KubernetesRegistry({ port: 8080, scheme: 'http' }, parts);
    await expect((async () => registry.start(() => {}))()).rejects.toThrow('install it');
  });

  it('ends its watch when it is stopped, and leaves no timer', async () => {
    const { clock, watch, watches, registry, heard } = await setUp(1);
    registry.stop();
    await settle();
    watch().hear({ type: 'MODIFIED', object: sliceOf(2, 1, 2) });
    await clock.advance(60_000);
    expect([watch().isStopped, watches.length, clock.pendingTimers, heard]).toEqual([true, 1, 0, ['pod-1']]);
  });
});
