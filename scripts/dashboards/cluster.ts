import type { DashboardPlan } from './dashboard.ts';
import { linesOf, tracesOf } from './links.ts';
import { graph, stat, table, timeline } from './looks.ts';
import { HERE, quantile, query, rateBy, stateBy } from './query.ts';
import { CUT_OFF, LIVE, PHASE_COLORS, PHASES, STORE_MODE_COLORS, STORE_MODES } from './states.ts';

const OPERATIONS = 'db_client_operation_duration_seconds';

/** The nodes, what they hold of each other, and their session map. */
export const cluster: DashboardPlan = {
  uid: 'holdfast-cluster',
  title: 'Holdfast: cluster',
  description:
    'Nodes and what they agree on, the session map and how it answers, and what the processes take.',
  variables: [],
  rows: [
    {
      title: 'Do the nodes agree?',
      panels: [
        stat({
          title: 'Alive',
          description: 'Living nodes, as the node says that sees most of them.',
          width: 4,
          unit: 'short',
          queries: [
            query(
              'alive',
              `max(sum by (instance) (holdfast_cluster_members{${HERE},holdfast_member_state="alive"}))`,
            ),
          ],
        }),
        stat({
          title: 'Silent',
          description:
            'Nodes that have said nothing for two seconds (suspect) or ten (gone) and had not said that they leave.',
          width: 4,
          unit: 'short',
          steps: ['green', [1, 'red']],
          queries: [
            query(
              'silent',
              `max(sum by (instance) (holdfast_cluster_members{${HERE},holdfast_member_state=~"suspect|gone"})) or vector(0)`,
            ),
          ],
        }),
        stat({
          title: 'Cut off',
          description:
            'Whether a node does not reach most of the endpoints that the others reach. It is not ready, then.',
          width: 4,
          unit: 'none',
          states: CUT_OFF,
          queries: [query('cut off', `max(holdfast_cluster_cut_off{${HERE}})`)],
        }),
        stat({
          title: 'Configurations',
          description:
            'Different configurations of pools and secrets among living nodes. More than one is a rollout, or a node that has missed it.',
          width: 4,
          unit: 'short',
          steps: ['green', [2, 'orange']],
          queries: [query('configurations', `max(holdfast_cluster_configurations{${HERE}})`)],
        }),
        stat({
          title: 'Disputed endpoints',
          description:
            'Endpoints that some nodes hold down and most do not. Their sessions are served elsewhere by those nodes, and stay pinned.',
          width: 4,
          unit: 'short',
          steps: ['green', [1, 'orange']],
          queries: [query('disputed', `max(holdfast_cluster_disputed_endpoints{${HERE}})`)],
        }),
        stat({
          title: 'News of moves',
          description:
            'Whether every node hears of sessions that others move. While one does not, it believes its memory for a second only.',
          width: 4,
          unit: 'none',
          states: LIVE,
          queries: [query('live', `min(holdfast_store_news_live{${HERE}})`)],
        }),
        timeline({
          title: 'Phase of nodes',
          description: 'Where each node is in its life. A gap: it told nothing.',
          width: 12,
          states: PHASE_COLORS,
          queries: [
            query('{{instance}}', stateBy('instance', 'holdfast_node_phase', 'holdfast_node_phase', PHASES)),
          ],
        }),
        graph({
          title: 'Members by state',
          description: 'What the nodes see of each other; of what they see, the most.',
          width: 12,
          unit: 'short',
          queries: [
            query(
              '{{holdfast_member_state}}',
              `max by (holdfast_member_state) (holdfast_cluster_members{${HERE}})`,
            ),
          ],
        }),
        table({
          title: 'Configurations in force',
          description:
            'The configuration of each node, as a fingerprint of its pools and secrets. All should be alike.',
          width: 12,
          queries: [
            query(
              '{{instance}}',
              `max by (instance, holdfast_config_fingerprint) (holdfast_config_info{${HERE}})`,
            ),
          ],
          columns: [
            { of: 'instance', title: 'Node' },
            { of: 'holdfast_config_fingerprint', title: 'Configuration' },
          ],
        }),
        graph({
          title: 'Reloads by result',
          description:
            'Reloads of the configuration, summed up. A refused one has changed nothing; the log of the node says why.',
          width: 12,
          unit: 'short',
          queries: [
            query(
              '{{instance}} {{holdfast_config_reload_result}}',
              `sum by (instance, holdfast_config_reload_result) (holdfast_config_reloads_total{${HERE}})`,
            ),
          ],
          links: [
            linesOf(
              'Reloads as lines',
              '{service_name="holdfast"} | json | msg=~"configuration (not )?reloaded"',
            ),
          ],
        }),
      ],
    },
    {
      title: 'How is the session map?',
      panels: [
        timeline({
          title: 'Mode of the store',
          description:
            'How each node goes about the map. Degraded: without it, or without writes to it. Reconciling: it is back, and what it has lost is written back.',
          width: 12,
          states: STORE_MODE_COLORS,
          queries: [
            query(
              '{{instance}}',
              stateBy('instance', 'holdfast_store_mode', 'holdfast_store_mode', STORE_MODES),
            ),
          ],
        }),
        graph({
          title: 'Time of operations',
          description:
            'The 99th percentile of each operation. store.commandTimeout (50 ms by default) cuts it off: near to it, requests begin to go on without the map.',
          width: 12,
          unit: 's',
          steps: ['green', [0.025, 'orange'], [0.05, 'red']],
          queries: [
            query(
              '{{db_operation_name}}',
              quantile(0.99, `${OPERATIONS}_bucket{${HERE}}`, 'db_operation_name'),
            ),
          ],
          links: [
            tracesOf('Slow operations as traces', '{ span.db.system.name = "redis" && duration > 25ms }'),
          ],
        }),
        graph({
          title: 'Operations',
          description: 'What the nodes ask of the session map in a second. Warm sessions ask nothing.',
          width: 8,
          unit: 'ops',
          stacked: 'sum',
          queries: [
            query('{{db_operation_name}}', rateBy('db_operation_name', `${OPERATIONS}_count{${HERE}}`)),
          ],
        }),
        graph({
          title: 'Failed operations',
          description:
            'Operations that failed or took too long, by our error code. After five in a row the map is left alone, and probed four times a second.',
          width: 8,
          unit: 'ops',
          noValue: 'none has failed',
          queries: [
            query(
              '{{instance}} {{error_type}}',
              rateBy('instance, error_type', `${OPERATIONS}_count{${HERE},error_type!=""}`),
            ),
          ],
          links: [
            tracesOf('Failed operations as traces', '{ span.db.system.name != nil && status = error }'),
          ],
        }),
        graph({
          title: 'Write-backs',
          description:
            'Sessions that the map had lost and a node still knew. Refused ones are served all the same, and tried again with a later request.',
          width: 8,
          unit: 'ops',
          queries: [
            query(
              '{{holdfast_store_write_back_result}}',
              rateBy('holdfast_store_write_back_result', `holdfast_store_write_backs_total{${HERE}}`),
            ),
          ],
        }),
      ],
    },
    {
      title: 'What do the processes take?',
      panels: [
        graph({
          title: 'Memory',
          description: 'Resident memory of each node, all of its workers together.',
          width: 8,
          unit: 'bytes',
          queries: [query('{{instance}}', `sum by (instance) (process_memory_usage_bytes{${HERE}})`)],
        }),
        graph({
          title: 'Heap in use',
          description: 'JavaScript objects. A line that never falls is a leak; please report it.',
          width: 8,
          unit: 'bytes',
          queries: [query('{{instance}}', `sum by (instance) (v8js_memory_heap_used_bytes{${HERE}})`)],
        }),
        graph({
          title: 'Time in garbage collection',
          description: 'The share of time in which a node collects garbage.',
          width: 8,
          unit: 'percentunit',
          queries: [query('{{instance}}', rateBy('instance', `v8js_gc_duration_seconds_sum{${HERE}}`))],
        }),
        graph({
          title: 'Bytes of requests and responses',
          description: 'Bytes of bodies in a second, from clients and to them.',
          width: 8,
          unit: 'Bps',
          queries: [
            query('requests', `sum(rate(holdfast_request_bytes_total{${HERE}}[$__rate_interval]))`),
            query('responses', `sum(rate(holdfast_response_bytes_total{${HERE}}[$__rate_interval]))`),
          ],
        }),
        graph({
          title: 'Telemetry lost',
          description:
            'Spans and other items that a full queue or a failed export has lost. Requests are never held up for them.',
          width: 8,
          unit: 'cps',
          queries: [
            query(
              '{{instance}} {{holdfast_telemetry_signal}}',
              rateBy('instance, holdfast_telemetry_signal', `holdfast_telemetry_dropped_total{${HERE}}`),
            ),
          ],
        }),
        graph({
          title: 'Pushes to the collector',
          description:
            'Pushes of metrics in a second, by what came of them. What one does not deliver, the next one does.',
          width: 8,
          unit: 'cps',
          noValue: 'metrics are not pushed',
          queries: [
            query(
              '{{instance}} {{holdfast_telemetry_push_result}}',
              rateBy('instance, holdfast_telemetry_push_result', `holdfast_telemetry_pushes_total{${HERE}}`),
            ),
          ],
        }),
        table({
          title: 'Certificates',
          description:
            'How long the certificates that listeners show are still valid, of all nodes the shortest. A new file is read by itself.',
          width: 24,
          noValue: 'no listener shows one',
          queries: [
            query(
              'left',
              `min by (holdfast_listener, holdfast_certificate_file) (holdfast_tls_certificate_expiry_seconds{${HERE}}) - time()`,
            ),
          ],
          columns: [
            { of: 'holdfast_listener', title: 'Listener' },
            { of: 'holdfast_certificate_file', title: 'File' },
            { of: 'left', title: 'Valid for', unit: 's' },
          ],
        }),
      ],
    },
  ],
};
