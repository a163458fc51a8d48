import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/shared';
import type { RedisProcess } from '@holdfast/store/testing';
import { parse } from 'yaml';
import { certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import { ROOT } from '../architecture/source-file.ts';
import { holdfast } from '../support/command.ts';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { PrometheusProcess } from '../support/prometheus-process.ts';
import type { Stage } from '../support/stage.ts';
import { endpointOf } from '../support/tcp-client.ts';
import { TcpEndpoint } from '../support/tcp-endpoint.ts';
import { until } from '../support/until.ts';
import { type Visitor, visit, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';
import { serveLatestPushes } from './otlp-as-prometheus.ts';
import { RULES } from './rule-files.ts';

/** By which job Prometheus knows what it scrapes, and what nodes push. */
export const JOBS = { scraped: 'holdfast', pushed: 'test/holdfast' } as const;

const VISITORS = 40;
/** Between two turns of the load, so that it leaves the machine to others. */
const REST_MS = 200;

/**
 * Three nodes on one Redis, two of them for HTTP and one for TCP, with everything going on that dashboards show: load, errors, an
 * endpoint that dies, one that drains, a store that stops for a moment, reloads. A Prometheus scrapes them every second, and
 * what they push by OTLP as well.
 */
export class ObservedCluster {
  readonly #stage: Stage;
  /** What ends the parts that the stage does not, the one that began last first. */
  readonly #closers: (() => unknown)[] = [];
  #prometheus: PrometheusProcess | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get prometheus(): PrometheusProcess {
    if (this.#prometheus === undefined) throw new HoldfastError('INTERNAL', 'nobody watches the cluster yet');
    return this.#prometheus;
  }

  async start(): Promise<void> {
    const stage = this.#stage;
    const collector = this.#closing(await OtlpReceiver.start(), (each) => each.close());
    const relayed = this.#closing(await new TcpEndpoint('lines-1').start(), (each) => each.kill());
    const redis = await stage.startRedis();
    await stage.startEndpoints(3);
    const wishes = wishesFor(stage, redis, relayed, collector);
    const nodes = await startNodes(stage, wishes);
    const clients = stage.clients(nodes.slice(0, 2));
    const visitors = await welcome(VISITORS, clients);
    const pushes = this.#closing(await serveLatestPushes(collector), (each) => each.close());
    const prometheus = await PrometheusProcess.start(stage.dir, configFor(nodes, pushes.address));
    this.#prometheus = this.#closing(prometheus, (each) => each.close());
    const load = inBackground(1, () => visitAndFail(visitors, clients, nodes[2] as HoldfastNode));
    this.#closing(load, (each) => each.stop());
    await untilScraped(prometheus, nodes.length);
    await mishaps(stage, { node: nodes[0] as HoldfastNode, wishes, redis });
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
  }

  #closing<T>(part: T, close: (part: T) => unknown): T {
    this.#closers.push(() => close(part));
    return part;
  }
}

const wishesFor = (
  stage: Stage,
  redis: RedisProcess,
  relayed: TcpEndpoint,
  collector: OtlpReceiver,
): NodeWishes => ({
  endpoints: stage.endpoints.map(({ id, url }) => ({ id, url })),
  storeUrl: redis.url,
  store: { commandTimeout: '100ms' },
  morePools: [{ name: 'lines', endpoints: [relayed.address], affinity: { type: 'source-ip' } }],
  top: {
    telemetry: {
      otlp: { endpoint: collector.endpoint },
      metrics: { interval: '1s' },
      traces: { sampling: 1 },
    },
  },
});

/** Two nodes for HTTP, and one for TCP, which has a certificate as well. */
async function startNodes(stage: Stage, wishes: NodeWishes): Promise<readonly HoldfastNode[]> {
  const listener = { protocol: 'tcp', debugHeaders: false, pool: 'lines' };
  const tls = { certificates: [certificateFiles('shop')] };
  const moreListeners = [{ name: 'secure', listen: '127.0.0.1:0', protocol: 'https', tls, pool: 'shop' }];
  const started = await Promise.all([
    stage.startNodes(2, wishes),
    stage.startNodes(1, { ...wishes, listener, moreListeners }),
  ]);
  return started.flat();
}

/** The configuration of infra/prometheus, faster and for these nodes. */
function configFor(nodes: readonly HoldfastNode[], pushes: string): object {
  const ours = parse(readFileSync(join(ROOT, 'infra/prometheus/prometheus.yaml'), 'utf8')) as object;
  return {
    ...ours,
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(RULES, '*.yaml')],
    scrape_configs: [
      {
        job_name: JOBS.scraped,
        static_configs: nodes.map(({ name, ports }) => ({
          targets: [`127.0.0.1:${ports.adminPort}`],
          labels: { instance: name },
        })),
      },
      { job_name: 'pushes', honor_labels: true, static_configs: [{ targets: [pushes] }] },
    ],
  };
}

/** One turn of the load: everybody's visit, a newcomer, a connection, and requests that fail in three ways. */
async function visitAndFail(
  visitors: readonly Visitor[],
  clients: readonly HttpClient[],
  lines: HoldfastNode,
): Promise<void> {
  const [first, second] = clients as [HttpClient, HttpClient];
  await Promise.all(visitors.map((visitor, index) => visitor.visit(index % 2 === 0 ? first : second)));
  await visit(first);
  await visit(second, { path: '/respond?status=500' });
  await visit(first, { path: '/reset', method: 'POST' });
  await visit(second, { path: '/truncate' }).catch(() => undefined);
  await endpointOf(lines.ports.port);
  await pause(REST_MS);
}

const untilScraped = (prometheus: PrometheusProcess, nodes: number): Promise<unknown> =>
  until('Prometheus has the metrics of all nodes, both ways', async () => {
    const found = await prometheus.query('count by (job) (holdfast_store_available)');
    return 'error' in found
      ? false
      : Object.values(JOBS).every((job) =>
          found.some(({ labels, value }) => labels.job === job && value === nodes),
        );
  });

/** An endpoint drains, another one dies, a reload is refused and one applied, and the store stops until it is missed. */
async function mishaps(
  stage: Stage,
  { node, wishes, redis }: { node: HoldfastNode; wishes: NodeWishes; redis: RedisProcess },
): Promise<void> {
  const [, drained, killed] = stage.endpoints as [EndpointProcess, EndpointProcess, EndpointProcess];
  await holdfast('endpoints', 'drain', `shop/${drained.id}`, '--url', node.adminOrigin);
  await killed.kill();
  // Before the store stops, as no session can be moved in a map that does not answer.
  await until(
    'sessions have moved',
    async () => (await node.status()).requests.repinsByReason['endpoint-down'],
  );
  await node.reload({ ...wishes, top: { ...wishes.top, listener: 'a mistake' } });
  await node.reload(wishes);
  redis.pause();
  await until('the node misses the store', async () => (await node.status()).store.mode !== 'normal');
  redis.resume();
}
