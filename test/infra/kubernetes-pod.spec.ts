import { freePort } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRender, type KubernetesObject, rendered } from '../support/helm-chart.ts';
import type { HttpClient } from '../support/http-client.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';
import { PodProcess } from './kubernetes/pod-process.ts';
import { only } from './kubernetes/pods.ts';

const TOKEN = 'a token for operators';

describe.skipIf(!canRender)('a pod of the chart', () => {
  const stage = useStage('file');
  let objects: readonly KubernetesObject[];
  const pods: PodProcess[] = [];
  const clients: HttpClient[] = [];

  /** The release, with the ports and the store that this machine has for one of its pods. */
  async function release(): Promise<readonly KubernetesObject[]> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const endpoints = stage().endpoints.map(({ id, url }) => ({ id, url }));
    return rendered({
      shutdown: { delaySeconds: 2, deadlineSeconds: 10 },
      secret: { values: { 'sealing-key': 'a secret of sixteen signs', 'admin-token': TOKEN } },
      serviceMonitor: { enabled: true },
      config: {
        store: { url: redisUrl },
        admin: { listen: `:${adminPort}` },
        listeners: [{ name: 'web', listen: `:${port}`, pool: 'shop', debugHeaders: true }],
        pools: [{ name: 'shop', endpoints, affinity: { type: 'cookie', name: '_srv_id' } }],
      },
    }).objects;
  }

  let redisUrl: string;
  beforeAll(async () => {
    redisUrl = (await stage().startRedis()).url;
    await stage().startEndpoints(2);
    for (const name of ['shop-holdfast-1', 'shop-holdfast-2']) {
      objects = await release();
      const pod = await PodProcess.start(name, objects, stage().dir);
      pods.push(pod);
      clients.push(stage().client(`http://127.0.0.1:${pod.port('web')}`));
    }
  });
  afterAll(() => Promise.all(pods.map(({ child }) => child.end())));

  const pod = (index: number): PodProcess => pods[index] as PodProcess;
  const client = (index: number): HttpClient => clients[index] as HttpClient;

  it('answers its probes at the paths and ports where they are asked', async () => {
    await until('it is ready', async () => (await pod(1).probe('readinessProbe')) === 200);
    for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      expect(await pod(1).probe(kind)).toBe(200);
  });

  it('is found ready by the test of the release', async () => {
    const [{ command = [] } = {}] = only<{ spec: { containers: readonly { command?: string[] }[] } }>(
      objects,
      'Pod',
    ).spec.containers;
    const here = command.map((word) => word.replace('shop-holdfast-headless', '127.0.0.1'));
    expect(here).not.toEqual(command);
    expect(await pod(1).run(here).exit).toEqual({ code: 0, signal: null });
  });

  it('is ended under load without a failed request, however late others hear that it is ending', async () => {
    const visitors = await welcome(8, clients);
    const homes = pathsOf(visitors);
    let found: readonly HttpClient[] = clients;
    const load = inBackground(2, () => visitAll(visitors, found));
    const leaving = pod(0).run(pod(0).container.lifecycle?.preStop?.exec?.command ?? []);
    await until('it is not ready', async () => (await pod(0).probe('readinessProbe')) === 503);
    // Services and DNS still lead here, and it serves.
    const { turns } = load;
    await until('everybody has come again', () => load.turns >= turns + 4);
    expect(leaving.hasExited).toBe(false);
    expect(visitors.every(({ visits }) => visits.some(({ node }) => node === 'shop-holdfast-1'))).toBe(true);
    found = [client(1)];
    expect(await leaving.exit).toEqual({ code: 0, signal: null });
    expect(await pod(0).child.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await load.stop();
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
  });
});
