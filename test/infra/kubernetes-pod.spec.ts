import { freePort } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRender, type KubernetesObject, rendered, type Values } from '../support/helm-chart.ts';
import type { HttpClient } from '../support/http-client.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, type Visitor, visitAll, welcome } from '../support/visitor.ts';
import { atRate } from '../support/workers.ts';
import { PodProcess } from './kubernetes/pod-process.ts';
import { only } from './kubernetes/pods.ts';

const TOKEN = 'a token for operators';
/** In each of which every visitor comes to every pod. */
const TURNS_PER_SECOND = 8;
/** Of a command, and of everything that the tests need before them, on a machine that is busy. */
const START_DEADLINE_MS = 30_000;
const SETUP_DEADLINE_MS = 150_000;

describe.skipIf(!canRender)('a pod of the chart', () => {
  const stage = useStage('file');
  let objects: readonly KubernetesObject[];
  const pods: PodProcess[] = [];
  const clients: HttpClient[] = [];

  /** The release, with the ports and the store that this machine has for one of its pods. */
  async function release(more: Values): Promise<readonly KubernetesObject[]> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const endpoints = stage().endpoints.map(({ id, url }) => ({ id, url }));
    return rendered({
      shutdown: { delaySeconds: 2, deadlineSeconds: 10 },
      secret: { values: { 'sealing-key': 'a secret of sixteen signs', 'admin-token': TOKEN } },
      serviceMonitor: { enabled: true },
      config: {
        ...more,
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
    for (const [index, more] of [{}, { workers: 2 }, {}].entries()) {
      objects = await release(more);
      const pod = await PodProcess.start(`shop-holdfast-${index}`, objects, stage().dir);
      pods.push(pod);
      clients.push(stage().client(`http://127.0.0.1:${pod.port('web')}`));
    }
  }, SETUP_DEADLINE_MS);
  afterAll(() => Promise.all(pods.map(({ child }) => child.end())));

  const pod = (index: number): PodProcess => pods[index] as PodProcess;

  it('answers its probes at the paths and ports where they are asked', async () => {
    await until('it is ready', async () => (await pod(2).probe('readinessProbe')) === 200);
    for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe'] as const)
      expect(await pod(2).probe(kind)).toBe(200);
  });

  it('is found ready by the test of the release', async () => {
    const [{ command = [] } = {}] = only<{ spec: { containers: readonly { command?: string[] }[] } }>(
      objects,
      'Pod',
    ).spec.containers;
    const here = command.map((word) => word.replace('shop-holdfast-headless', '127.0.0.1'));
    expect(here).not.toEqual(command);
    expect(await pod(2).run(here).exit).toEqual({ code: 0, signal: null });
  });

  it('has its metrics where the ServiceMonitor has them read, for who has the token', async () => {
    const { endpoints } = only<{ spec: { endpoints: readonly { port: string; path: string }[] } }>(
      objects,
      'ServiceMonitor',
    ).spec;
    const [{ port, path } = { port: '', path: '' }] = endpoints;
    const { status, body } = await pod(2).get(port, path, { authorization: `Bearer ${TOKEN}` });
    expect([status, body]).toEqual([200, expect.stringContaining('holdfast_listener_connections{')]);
    expect((await pod(2).get(port, path)).status).toBe(401);
  });

  it.each([
    ['one process', 0],
    ['several processes', 1],
  ])(
    'of %s is ended under load without a failed request, however late others hear of it',
    async (_, index) => {
      const [leaver, name] = [pod(index), `shop-holdfast-${index}`];
      const visitors = await welcome(8, clients.slice(index));
      const homes = pathsOf(visitors);
      let found: readonly HttpClient[] = clients.slice(index);
      const load = atRate(TURNS_PER_SECOND, () => visitAll(visitors, found));
      const leaving = leaver.run(leaver.container.lifecycle?.preStop?.exec?.command ?? []);
      const isLeaving = async () => (await leaver.probe('readinessProbe')) === 503;
      await until('it is not ready', isLeaving, START_DEADLINE_MS);
      // Services and DNS still lead here, and it serves: two more answers to everybody, one of which was perhaps on its way.
      const served = visitors.map((visitor) => visitsTo(name, visitor));
      await until('everybody has been there again', () =>
        visitors.every((visitor, at) => visitsTo(name, visitor) >= (served[at] ?? 0) + 2),
      );
      found = clients.slice(index + 1);
      expect(await leaving.exit).toEqual({ code: 0, signal: null });
      expect(await leaver.child.end('SIGTERM')).toEqual({ code: 0, signal: null });
      await load.stop();
      expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
      expect(pathsOf(visitors)).toEqual(homes);
    },
  );
});

const visitsTo = (name: string, { visits }: Visitor): number =>
  visits.filter(({ node }) => node === name).length;
