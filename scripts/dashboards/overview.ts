import type { DashboardPlan } from './dashboard.ts';
import { CLICKED_ENDPOINT, linesOf, toEndpoint, tracesOf } from './links.ts';
import { graph, stat, timeline } from './looks.ts';
import { clicked } from './placeholder.ts';
import {
  FAILED_ATTEMPT,
  failedBy,
  HERE,
  IN_POOL,
  pinsBy,
  quantile,
  query,
  rate,
  rateBy,
  ratio,
  stateBy,
} from './query.ts';
import { AVAILABLE, FIRING, STANDING_COLORS, STANDINGS } from './states.ts';

const SERVED = 'http_server_request_duration_seconds';
const ASKED = 'http_client_request_duration_seconds';
const ENDPOINT = 'holdfast_pool, holdfast_endpoint';

const byNode = rateBy('instance', `${SERVED}_count{${IN_POOL}}`);

const atClickedEndpoint = [
  toEndpoint,
  tracesOf('Its traces', `{ span.holdfast.endpoint = "${CLICKED_ENDPOINT}" }`),
  linesOf('Its lines', `{service_name="holdfast"} | json | endpoint="${CLICKED_ENDPOINT}"`),
];

/** Is it us, which endpoint, since when: in this order. */
export const overview: DashboardPlan = {
  uid: 'holdfast-overview',
  title: 'Holdfast: overview',
  description: 'Rate, errors, latency and saturation of a cluster. First to look at when something is wrong.',
  variables: ['pool'],
  rows: [
    {
      title: 'How is it?',
      panels: [
        stat({
          title: 'Requests',
          description: 'Requests finished in a second, of the nodes and pools that are chosen.',
          width: 3,
          unit: 'reqps',
          queries: [query('requests', `sum(${rate(`${SERVED}_count{${IN_POOL}}`)})`)],
        }),
        stat({
          title: 'Failed',
          description:
            'The share of requests that were answered with 5xx or broken off, whoever was the cause but the client.',
          width: 3,
          unit: 'percentunit',
          steps: ['green', [0.001, 'orange'], [0.01, 'red']],
          queries: [
            query('failed', ratio(failedBy('', IN_POOL), `sum(${rate(`${SERVED}_count{${IN_POOL}}`)})`)),
          ],
        }),
        stat({
          title: '99 of 100 within',
          description: 'The 99th percentile from the first byte of a request to the last of its answer.',
          width: 3,
          unit: 's',
          queries: [query('p99', quantile(0.99, `${SERVED}_bucket{${IN_POOL}}`))],
        }),
        stat({
          title: 'Violations',
          description:
            'Requests that another endpoint served than the one of their session, in the time shown. 0 is what is promised; the dashboard of stickiness has the reasons.',
          width: 3,
          unit: 'short',
          decimals: 0,
          steps: ['green', [0.5, 'red']],
          queries: [
            query('violations', `sum(increase(holdfast_affinity_violations_total{${IN_POOL}}[$__range]))`),
          ],
        }),
        stat({
          title: 'Endpoints out',
          description: 'Endpoints that no node of those chosen can use.',
          width: 3,
          unit: 'short',
          steps: ['green', [1, 'red']],
          queries: [
            query('out', `count(max by (${ENDPOINT}) (holdfast_endpoint_up{${IN_POOL}}) == 0) or vector(0)`),
          ],
        }),
        stat({
          title: 'Nodes',
          description: 'Nodes that tell their metrics. One that has died is missing here.',
          width: 3,
          unit: 'short',
          queries: [query('nodes', `count(holdfast_store_available{${HERE}})`)],
        }),
        stat({
          title: 'Session map',
          description:
            'Whether every node reaches the session map. Without it requests are served and sessions stay, by cookies and hashing.',
          width: 3,
          unit: 'none',
          states: AVAILABLE,
          queries: [query('available', `min(holdfast_store_available{${HERE}})`)],
        }),
        stat({
          title: 'Sessions',
          description: 'Sessions that are pinned in the session map.',
          width: 3,
          unit: 'short',
          queries: [query('sessions', `sum(${pinsBy(IN_POOL)})`)],
        }),
        timeline({
          title: 'Alerts',
          description:
            'Alerts of infra/prometheus that fire, and since when. The guide for incidents has a section for each.',
          width: 24,
          height: 5,
          states: FIRING,
          noValue: 'none fires',
          queries: [
            query(
              '{{alertname}}',
              'max by (alertname) (ALERTS{alertname=~"Holdfast.+",alertstate="firing",job=~"$job|"})',
            ),
          ],
        }),
      ],
    },
    {
      title: 'Is it us, or what is behind us?',
      panels: [
        graph({
          title: 'Requests by class of status',
          description:
            'What clients are answered. 499 are clients that left before their answer was complete.',
          width: 8,
          unit: 'reqps',
          stacked: 'sum',
          queries: [
            query(
              '{{class}}xx',
              `sum by (class) (label_replace(${rate(`${SERVED}_count{${IN_POOL}}`)}, "class", "$1", "http_response_status_code", "(.).."))`,
            ),
          ],
          links: [
            tracesOf(
              'Failed requests as traces',
              '{ kind = server && span.http.response.status_code >= 500 }',
            ),
          ],
        }),
        graph({
          title: 'Failed requests by cause',
          description:
            'Who failed: UPSTREAM_ is an endpoint, STORE_ the session map, INTERNAL Holdfast itself, DOWNSTREAM_ the client. "answered 5xx" are answers of endpoints that were passed on.',
          width: 8,
          unit: 'reqps',
          noValue: 'none has failed',
          queries: [
            query('{{error_type}}', failedBy('error_type', `${IN_POOL},error_type!=""`)),
            query('answered 5xx', failedBy('', `${IN_POOL},error_type=""`)),
          ],
          links: [
            tracesOf(
              'Requests with this cause as traces',
              `{ span.error.type = "${clicked('error_type')}" }`,
            ),
            linesOf(
              'Requests with this cause as lines',
              `{service_name="holdfast"} | json | error="${clicked('error_type')}"`,
            ),
          ],
        }),
        graph({
          title: 'Latency',
          description: 'Percentiles of the time from the first byte of a request to the last of its answer.',
          width: 8,
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((share) =>
            query(`p${share * 100}`, quantile(share, `${SERVED}_bucket{${IN_POOL}}`)),
          ),
          links: [tracesOf('Slow requests as traces', '{ kind = server && duration > 1s }')],
        }),
        graph({
          title: 'Where the time goes',
          description:
            'The mean time of a request, of it what passed until an endpoint had begun to answer, and how long sessions were looked up that were not in the near cache. If the first two rise together, it is the endpoint; if only the first one does, it is the body, the client, or this node.',
          width: 8,
          unit: 's',
          queries: [
            query(
              'whole request',
              `sum(${rate(`${SERVED}_sum{${IN_POOL}}`)}) / sum(${rate(`${SERVED}_count{${IN_POOL}}`)})`,
            ),
            query(
              'until the endpoint answers',
              `sum(${rate(`${ASKED}_sum{${IN_POOL}}`)}) / sum(${rate(`${ASKED}_count{${IN_POOL}}`)})`,
            ),
            query(
              'looking the session up',
              `sum(${rate(`holdfast_affinity_lookup_duration_seconds_sum{${IN_POOL}}`)}) / sum(${rate(`holdfast_affinity_lookup_duration_seconds_count{${IN_POOL}}`)})`,
            ),
          ],
        }),
        graph({
          title: 'Requests by node',
          description:
            'How clients spread over the nodes. DNS spreads unevenly; a node that has none is out of it.',
          width: 8,
          unit: 'reqps',
          queries: [query('{{instance}}', rateBy('instance', `${SERVED}_count{${IN_POOL}}`))],
        }),
        graph({
          title: 'Failed requests by node',
          description:
            'The share of failed requests of each node. If one node alone fails, it is that node or its network.',
          width: 8,
          unit: 'percentunit',
          queries: [query('{{instance}}', `(${failedBy('instance', IN_POOL)} or 0 * ${byNode}) / ${byNode}`)],
        }),
      ],
    },
    {
      title: 'Which endpoint, and since when?',
      panels: [
        timeline({
          title: 'Standing of endpoints',
          description:
            'What the nodes hold of each endpoint; where they differ, the worst of it. Suspect: held down by a node, while most others reach it.',
          width: 24,
          height: 7,
          states: STANDING_COLORS,
          queries: [
            query(
              '{{holdfast_endpoint}}',
              stateBy(
                ENDPOINT,
                'holdfast_endpoint_standing',
                'holdfast_endpoint_standing',
                STANDINGS,
                IN_POOL,
              ),
            ),
          ],
          links: [toEndpoint],
        }),
        graph({
          title: 'Requests by endpoint',
          description: 'Attempts at each endpoint in a second, retries included.',
          width: 8,
          unit: 'reqps',
          queries: [query('{{holdfast_endpoint}}', rateBy(ENDPOINT, `${ASKED}_count{${IN_POOL}}`))],
          links: atClickedEndpoint,
        }),
        graph({
          title: 'Failed attempts by endpoint',
          description: 'Attempts that broke off, timed out, or were answered with 5xx.',
          width: 8,
          unit: 'reqps',
          queries: [
            query('{{holdfast_endpoint}}', rateBy(ENDPOINT, `${ASKED}_count{${IN_POOL},${FAILED_ATTEMPT}}`)),
          ],
          noValue: 'none has failed',
          links: [
            toEndpoint,
            tracesOf(
              'Its failed traces',
              `{ span.holdfast.endpoint = "${CLICKED_ENDPOINT}" && status = error }`,
            ),
            linesOf(
              'Its lines with an error',
              `{service_name="holdfast"} | json | endpoint="${CLICKED_ENDPOINT}" | error!=""`,
            ),
          ],
        }),
        graph({
          title: '95 of 100 answers begin within',
          description: 'The 95th percentile, for each endpoint, of the time until it begins to answer.',
          width: 8,
          unit: 's',
          queries: [query('{{holdfast_endpoint}}', quantile(0.95, `${ASKED}_bucket{${IN_POOL}}`, ENDPOINT))],
          links: atClickedEndpoint,
        }),
      ],
    },
    {
      title: 'Is it full?',
      panels: [
        graph({
          title: 'Waiting for an endpoint',
          description:
            'Requests that wait because their endpoint has as many as it may have (maxConnections). Their sessions are not moved.',
          width: 8,
          unit: 'short',
          queries: [
            query(
              '{{holdfast_endpoint}}',
              `sum by (${ENDPOINT}) (holdfast_endpoint_waiting_requests{${IN_POOL}})`,
            ),
          ],
          links: [toEndpoint],
        }),
        graph({
          title: 'Requests under way by endpoint',
          description: 'How many requests each endpoint works on, of all nodes that are chosen.',
          width: 8,
          unit: 'short',
          queries: [
            query(
              '{{holdfast_endpoint}}',
              `sum by (${ENDPOINT}) (holdfast_endpoint_active_requests{${IN_POOL}})`,
            ),
          ],
          links: [toEndpoint],
        }),
        graph({
          title: 'Connections of clients',
          description: 'Open connections of each listener of each node.',
          width: 8,
          unit: 'short',
          queries: [
            query(
              '{{instance}} {{holdfast_listener}}',
              `sum by (instance, holdfast_listener) (holdfast_listener_connections{${HERE}})`,
            ),
          ],
        }),
        graph({
          title: 'Event loop in use',
          description:
            'The share of time in which a node computes. Above nine tenths requests wait for each other.',
          width: 8,
          unit: 'percentunit',
          max: 1,
          steps: ['green', [0.7, 'orange'], [0.9, 'red']],
          queries: [query('{{instance}}', `max by (instance) (nodejs_eventloop_utilization_ratio{${HERE}})`)],
        }),
        graph({
          title: 'Delay of the event loop',
          description:
            'The 99th percentile of what a timer comes too late: so long may any request be held up by others.',
          width: 8,
          unit: 's',
          steps: ['green', [0.05, 'orange'], [0.2, 'red']],
          queries: [query('{{instance}}', `max by (instance) (nodejs_eventloop_delay_p99_seconds{${HERE}})`)],
        }),
        graph({
          title: 'CPU',
          description: 'Cores in use by each node, all of its workers together.',
          width: 8,
          unit: 'short',
          queries: [query('{{instance}}', rateBy('instance', `process_cpu_time_seconds_total{${HERE}}`))],
        }),
      ],
    },
    {
      title: 'TCP and UDP',
      panels: [
        graph({
          title: 'Connections and flows by end',
          description:
            'Connections of tcp listeners and flows of udp listeners that ended in a second, and how.',
          width: 8,
          unit: 'cps',
          noValue: 'no tcp or udp listener',
          queries: [
            query(
              '{{network_transport}} {{holdfast_connection_end}}',
              rateBy(
                'network_transport, holdfast_connection_end',
                `holdfast_layer4_connections_total{${IN_POOL}}`,
              ),
            ),
          ],
        }),
        graph({
          title: 'Bytes of connections and flows',
          description: 'Bytes that were relayed in a second, towards endpoints and towards clients.',
          width: 8,
          unit: 'Bps',
          noValue: 'no tcp or udp listener',
          queries: [
            query(
              '{{network_io_direction}}',
              rateBy('network_io_direction', `holdfast_layer4_bytes_total{${IN_POOL}}`),
            ),
          ],
        }),
        graph({
          title: 'Life of connections and flows',
          description: 'Percentiles of how long those lasted that have ended.',
          width: 8,
          unit: 's',
          noValue: 'no tcp or udp listener',
          queries: [0.5, 0.95].map((share) =>
            query(
              `p${share * 100}`,
              quantile(share, `holdfast_layer4_connection_duration_seconds_bucket{${IN_POOL}}`),
            ),
          ),
        }),
      ],
    },
  ],
};
