import { AFFINITY_METRICS } from './catalogue/affinity-metrics.ts';
import { CLUSTER_METRICS } from './catalogue/cluster-metrics.ts';
import { ENDPOINT_METRICS } from './catalogue/endpoint-metrics.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { LAYER4_METRICS } from './catalogue/layer4-metrics.ts';
import { PROCESS_METRICS } from './catalogue/process-metrics.ts';
import { STORE_METRICS } from './catalogue/store-metrics.ts';
import type { Metric } from './metric.ts';

/** Metrics that belong together, for a reader. */
export interface MetricGroup {
  readonly title: string;
  readonly metrics: readonly Metric[];
}

/** Every metric that there is. What is emitted, documented and asked by dashboards goes by this list. */
export const METRIC_GROUPS: readonly MetricGroup[] = [
  { title: 'Requests', metrics: Object.values(HTTP_METRICS) },
  { title: 'Sessions', metrics: Object.values(AFFINITY_METRICS) },
  { title: 'Endpoints', metrics: Object.values(ENDPOINT_METRICS) },
  { title: 'The session map', metrics: Object.values(STORE_METRICS) },
  { title: 'The cluster and the node', metrics: Object.values(CLUSTER_METRICS) },
  { title: 'TCP and UDP', metrics: Object.values(LAYER4_METRICS) },
  { title: 'Processes and telemetry', metrics: Object.values(PROCESS_METRICS) },
];

export const METRICS: readonly Metric[] = METRIC_GROUPS.flatMap(({ metrics }) => metrics);

const BY_NAME = new Map(METRICS.map((metric) => [metric.name, metric]));

/** The metric of that name; undefined of one that this release does not know. */
export const findMetric = (name: string): Metric | undefined => BY_NAME.get(name);

/** What the attributes mean. */
export const ATTRIBUTES: Readonly<Record<string, string>> = {
  'cpu.mode': '`user` or `system`',
  'db.operation.name': '`find`, `pin`, `repin`, `touch` (a batch of them) or `unpin`',
  'db.system.name': 'the kind of store: `redis`, `sqlite` or `memory`',
  'error.type': 'the [code](errors.md) of the error; absent where there was none',
  'holdfast.affinity.outcome':
    '`hit`, `created`, `repinned`, `adopted`, `fallback` or `none`, as in the access log',
  'holdfast.affinity.repin.reason': 'why, as `reason` in the access log: `endpoint-down`, `operator`, …',
  'holdfast.affinity.source': 'where the key of the session came from: `cookie`, `header`, `source-ip`, …',
  'holdfast.affinity.tier':
    'who knew where it is: `near` (the memory of the node), `store`, `cookie`, `hash` or `none`',
  'holdfast.affinity.violation.reason':
    '`endpoint-suspect` and `endpoint-removed`: this node alone cannot reach, or does not know, the endpoint; `connect-failed` and `request-failed`: one attempt failed, and the endpoint is not down; `store-unavailable`: the session map could not be asked and had the session elsewhere',
  'holdfast.certificate.file': 'the file of the certificate, as configured',
  'holdfast.config.fingerprint': 'digest of what all nodes of a cluster must have alike',
  'holdfast.config.reload.result': '`applied` or `refused`',
  'holdfast.connection.end':
    '`closed`, `client-reset`, `endpoint-reset`, `idle`, `evicted`, `refused` or `shutdown`',
  'holdfast.endpoint': 'pool and id of the endpoint, as `shop/shop-1`',
  'holdfast.endpoint.ejection.cause': '`health-check` or `requests`',
  'holdfast.endpoint.standing': '`serving`, `draining`, `suspect` or `down`',
  'holdfast.listener': 'the name of the listener',
  'holdfast.member.state': '`joining`, `alive`, `suspect`, `gone` or `left`',
  'holdfast.node.phase': '`starting`, `serving` or `leaving`',
  'holdfast.pool': 'the name of the pool; absent where a request came to none',
  'holdfast.store.mode': '`normal`, `reconciling` or `degraded`',
  'holdfast.store.write_back.result': '`admitted` or `refused`',
  'holdfast.telemetry.push.result': '`taken` or `failed`',
  'holdfast.telemetry.signal': '`metrics` or `traces`',
  'http.request.method': 'the method; `_OTHER` for one that is not standard',
  'http.response.status_code': 'the status, as a number; absent where there was none',
  'http.route': 'host and path of the route as configured, never a path that a client has asked for',
  'network.io.direction': '`receive` or `transmit`',
  'network.transport': '`tcp` or `udp`',
  'server.address': 'the host of the endpoint',
  'server.port': 'its port, as a number',
  'url.scheme': '`http` or `https`: how the client came, as far as trusted proxies tell',
  'v8js.gc.type': '`major`, `minor`, `incremental` or `weakcb`',
  'v8js.heap.space.name': 'such as `new_space`',
};
