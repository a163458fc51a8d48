import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Tally } from '../../packages/proxy/src/demo/visitors/tally.ts';
import { canHaveContainers } from '../support/containers/can-have-containers.ts';
import { readComposeFile, readEnvironment } from '../support/containers/compose-file.ts';
import { Composition } from '../support/containers/composition.ts';
import type { Image } from '../support/containers/image.ts';
import { buildImage } from '../support/containers/image-builder.ts';
import type { StatusReport } from '../support/holdfast-node.ts';
import { until } from '../support/until.ts';
import { inBackground } from '../support/workers.ts';

const hasDnsmasq = spawnSync('dnsmasq', ['--version'], { stdio: 'ignore' }).status === 0;
const DOCKERFILE = join(import.meta.dirname, '../../infra/docker/Dockerfile');

const NODES = ['holdfast-1', 'holdfast-2', 'holdfast-3'] as const;
const ENDPOINTS = ['shop-1', 'shop-2', 'shop-3', 'shop-4'] as const;

const CURL_EVERY_MS = 100;

/** What a node must have served to count as one that serves. */
const SERVED_MIN = 10;

let directory: string;
let image: Image;
const stacks: Composition[] = [];

/** The stack with these settings, of which nothing runs yet. */
async function openStack(settings: Readonly<Record<string, string>>): Promise<Composition> {
  const file = await readComposeFile(settings);
  const stack = await Composition.open(file, image, join(directory, `stack-${stacks.length}`));
  stacks.push(stack);
  return stack;
}

/** Waits until services are well by their own health checks. */
const untilHealthy = (stack: Composition, services: readonly string[]): Promise<unknown> =>
  Promise.all(
    services.map((service) => until(`${service} is healthy`, () => stack.isHealthy(service), 30_000)),
  );

/** Waits until the first node has its session map, and hears its news. */
const untilStored = (stack: Composition): Promise<boolean> =>
  until(
    'the node has its store',
    async () => {
      const url = `http://${stack.addressOf('holdfast-1')}:9900/status`;
      const { stdout } = await stack.network.run('curl', '-s', '-H', 'authorization: Bearer laptop', url);
      const { state, invalidationsLive } = (JSON.parse(stdout) as StatusReport).store;
      return state === 'available' && invalidationsLive;
    },
    60_000,
  );

// Namespaces take root, and the name server is that of this machine: elsewhere this is skipped.
describe.skipIf(!canHaveContainers || !hasDnsmasq)(
  'the stack of infra/compose, as processes with addresses of their own',
  () => {
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'holdfast-compose-'));
      image = await buildImage(DOCKERFILE, 'holdfast', directory);
    }, 120_000);
    afterAll(async () => {
      await rm(directory, { recursive: true, force: true });
    });
    afterEach(({ task }) => {
      if (task.result?.state === 'fail')
        process.stderr.write(`\n${task.name}:\n${stacks.at(-1)?.lastWords()}\n`);
    });

    describe('with one Redis', () => {
      let stack: Composition;
      /** Everything that the keeper of the records has written so far. */
      const named: (readonly string[])[] = [];
      /** Requests by the node that served them, in its present life. */
      const served = new Map<string, number>();

      beforeAll(async () => {
        // Visitors that try one address only hide nothing.
        stack = await openStack({ VISITORS: '60', VISITS_PER_SECOND: '60', VISITOR_TRIES: '1' });
        await Promise.all([
          ...['redis', 'dns', ...ENDPOINTS].map((service) => stack.start(service)),
          ...NODES.map(startNode),
          stack.start('records', (line) => named.push(JSON.parse(line).addresses)),
        ]);
        await untilNamed(...NODES);
      }, 120_000);
      afterAll(() => stack?.close());

      /** Starts a node, and counts what it serves from now on. */
      const startNode = async (node: string): Promise<void> => {
        served.set(node, 0);
        await stack.start(node, (line) => {
          if (line.includes('"method":')) served.set(node, (served.get(node) ?? 0) + 1);
        });
      };

      const untilAllServe = (...nodes: readonly string[]) =>
        until(
          `${nodes.join(', ')} serve visitors`,
          () => nodes.every((node) => (served.get(node) ?? 0) >= SERVED_MIN),
          60_000,
        );

      /** Waits until the name stands for these nodes and no others. */
      const untilNamed = (...nodes: readonly string[]) =>
        until(
          `shop.test stands for ${nodes.join(', ')}`,
          () => named.at(-1)?.join() === nodes.map((node) => stack.addressOf(node)).join(),
          60_000,
        );

      it('is healthy, by the health check that each service has', async () => {
        await untilHealthy(stack, ['redis', ...ENDPOINTS, ...NODES]);
      });

      it('runs without rights: another user, no capabilities and no way to any, nowhere to write', async () => {
        for (const service of ['holdfast-1', 'shop-1', 'records', 'redis']) {
          const status = await readFile(`/proc/${stack.childOf(service).pid}/status`, 'utf8');
          const says = (field: string) => new RegExp(`^${field}:\\s+(\\S+)`, 'm').exec(status)?.[1];
          expect({
            uid: says('Uid'),
            now: says('CapEff'),
            ever: says('CapBnd'),
            sealed: says('NoNewPrivs'),
          }).toEqual({
            uid: service === 'redis' ? '999' : '65532',
            now: '0000000000000000',
            ever: '0000000000000000',
            sealed: '1',
          });
          const written = await stack.exec(service, 'touch', '/etc/somebody-was-here');
          expect(written.stderr).toContain('Read-only file system');
        }
      });

      it('stays below the limits of its memory', async () => {
        for (const service of NODES) {
          const status = await readFile(`/proc/${stack.childOf(service).pid}/status`, 'utf8');
          const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
          expect(Number(kilobytes)).toBeLessThan(384 * 1_024);
        }
      });

      it('answers metrics to Prometheus without a token, and operators to nobody without one', async () => {
        const address = stack.addressOf('holdfast-1');
        const metrics = await stack.network.run('curl', '-s', `http://${address}:9464/metrics`);
        expect(metrics.stdout).toContain('holdfast_cluster_members{');
        const answered = ['-s', '-o', '/dev/null', '-w', '%{http_code}', `http://${address}:9900/status`];
        expect((await stack.network.run('curl', ...answered)).stdout).toBe('401');
      });

      it('loses no request and no session while nodes leave the name and join it', {
        timeout: 120_000,
      }, async () => {
        const tallies: Tally[] = [];
        await stack.start('visitors', (line) => tallies.push(JSON.parse(line)));
        const curl = new Curl(stack);
        const curling = inBackground(1, async () => {
          await curl.visit();
          await pause(CURL_EVERY_MS);
        });

        await untilAllServe(...NODES);

        const [first, second, third] = NODES;
        const exits = await Promise.all([stack.stop(first), stack.stop(second)]);
        expect(exits).toEqual([first, second].map(() => ({ code: 0, signal: null })));
        await untilNamed(third);
        await startNode(first);
        await untilNamed(first, third);
        await untilAllServe(first);
        await until('curl has asked often', () => curling.turns >= 30, 60_000);
        await curling.stop();
        expect(await stack.stop('visitors')).toEqual({ code: 0, signal: null });

        const { failed, lost, moved, causes, visits } = tallies.at(-1) as Tally;
        expect({ failed, lost, moved, causes }).toEqual({ failed: 0, lost: 0, moved: 0, causes: {} });
        expect(visits).toBeGreaterThan(100);
        expect({ failures: curl.failures, endpoints: curl.endpoints.size }).toEqual({
          failures: [],
          endpoints: 1,
        });
      });
    });

    describe('with another session map', () => {
      let stack: Composition;
      afterEach(() => stack.close());

      it('finds the primary by Sentinels, which know its replicas', async () => {
        stack = await openStack(await readEnvironment('sentinel.env'));
        const replicas = ['redis-replica-1', 'redis-replica-2'];
        const sentinels = ['sentinel-1', 'sentinel-2', 'sentinel-3'];
        await Promise.all(['redis', ...replicas, 'holdfast-1'].map((service) => stack.start(service)));
        const replicated = async () => (await stack.exec('redis', 'redis-cli', 'info', 'replication')).stdout;
        await expect.poll(replicated, { timeout: 30_000 }).toContain('connected_slaves:2');
        await Promise.all(sentinels.map((service) => stack.start(service)));
        await untilStored(stack);
        await untilHealthy(stack, [...replicas, ...sentinels]);
        const master = ['redis-cli', '-p', '26379', 'sentinel', 'master', 'holdfast'];
        const known = async (): Promise<unknown> => {
          const { stdout } = await stack.exec('sentinel-1', ...master);
          const countOf = (field: string) => new RegExp(`^${field}\\n(\\d+)$`, 'm').exec(stdout)?.[1];
          return { replicas: countOf('num-slaves'), sentinels: countOf('num-other-sentinels') };
        };
        await expect.poll(known, { timeout: 30_000 }).toEqual({ replicas: '2', sentinels: '2' });
      });

      it('uses a Redis Cluster, once it has been made', async () => {
        stack = await openStack(await readEnvironment('cluster.env'));
        const redises = [1, 2, 3, 4, 5, 6].map((number) => `redis-cluster-${number}`);
        await Promise.all([...redises, 'holdfast-1'].map((service) => stack.start(service)));
        await untilHealthy(stack, redises);
        const maker = await stack.start('redis-cluster-maker');
        expect(await maker.exit, maker.lines.join('\n')).toEqual({ code: 0, signal: null });
        await untilStored(stack);
        const again = await stack.start('redis-cluster-maker');
        expect(await again.exit, again.lines.join('\n')).toEqual({ code: 0, signal: null });
      });
    });
  },
);

/** A client that asks DNS for each request, has a jar for its cookies, and tries nothing twice. */
class Curl {
  readonly failures: string[] = [];
  /** Who has answered. */
  readonly endpoints = new Set<string>();
  readonly #stack: Composition;
  #cookies = '';

  constructor(stack: Composition) {
    this.#stack = stack;
  }

  async visit(): Promise<void> {
    const options = ['-sS', '--fail', '-i', '--max-time', '10', '-b', this.#cookies];
    const { exitCode, stdout, stderr } = await this.#stack.exec(
      'visitors',
      ...['curl', ...options, 'http://shop.test:8080/cart'],
    );
    if (exitCode !== 0) this.failures.push(stderr);
    const set = [...stdout.matchAll(/^set-cookie: ([^;\r]+)/gim)].map(([, pair]) => pair);
    if (set.length > 0) this.#cookies = set.join('; ');
    this.endpoints.add(/"endpoint":"([^"]+)"/.exec(stdout)?.[1] ?? 'nobody');
  }
}
