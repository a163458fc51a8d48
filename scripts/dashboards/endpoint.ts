import type { DashboardPlan } from './dashboard.ts';
import { linesOf, tracesOf } from './links.ts';
import { graph, stat, timeline } from './looks.ts';
import { clicked, placeholder } from './placeholder.ts';
import {
  AT_ENDPOINT,
  FAILED_ATTEMPT,
  IN_POOL,
  pinsBy,
  quantile,
  query,
  rate,
  rateBy,
  ratio,
  stateBy,
} from './query.ts';
import { STANDING_COLORS, STANDINGS } from './states.ts';

const ASKED = 'http_client_request_duration_seconds';
const ENDPOINT = 'holdfast_pool, holdfast_endpoint';

/** Several endpoints may be chosen; Grafana writes them as a pattern. */
const CHOSEN = placeholder('endpoint:pipe');
const tracesHere = (title: string, condition = '') =>
  tracesOf(title, `{ span.holdfast.endpoint =~ "${CHOSEN}"${condition} }`);
const linesHere = (title: string, condition = '') =>
  linesOf(title, `{service_name="holdfast"} | json | endpoint=~"${CHOSEN}"${condition}`);

/** One endpoint, or a few beside each other, with the traces and lines behind each panel. */
export const endpoint: DashboardPlan = {
  uid: 'holdfast-endpoint',
  title: 'Holdfast: endpoint',
  description:
    'What the nodes see of an endpoint. Click on a line for the traces and the lines of the log behind it.',
  variables: ['pool', 'endpoint'],
  rows: [
    {
      title: 'How is it?',
      panels: [
        stat({
          title: 'Standing',
          description: 'What the nodes hold of it; of several, the worst.',
          width: 4,
          unit: 'none',
          states: STANDING_COLORS,
          queries: [
            query(
              'standing',
              `max(${stateBy(ENDPOINT, 'holdfast_endpoint_standing', 'holdfast_endpoint_standing', STANDINGS, AT_ENDPOINT)})`,
            ),
          ],
        }),
        stat({
          title: 'Requests',
          description: 'Attempts in a second, retries included.',
          width: 4,
          unit: 'reqps',
          queries: [query('requests', `sum(${rate(`${ASKED}_count{${AT_ENDPOINT}}`)})`)],
        }),
        stat({
          title: 'Failed',
          description: 'The share of attempts that broke off, timed out, or were answered with 5xx.',
          width: 4,
          unit: 'percentunit',
          steps: ['green', [0.001, 'orange'], [0.01, 'red']],
          queries: [
            query(
              'failed',
              ratio(
                `sum(${rate(`${ASKED}_count{${AT_ENDPOINT},${FAILED_ATTEMPT}}`)})`,
                `sum(${rate(`${ASKED}_count{${AT_ENDPOINT}}`)})`,
              ),
            ),
          ],
        }),
        stat({
          title: '99 of 100 answers begin within',
          description: 'The 99th percentile of the time until it begins to answer.',
          width: 4,
          unit: 's',
          queries: [query('p99', quantile(0.99, `${ASKED}_bucket{${AT_ENDPOINT}}`))],
        }),
        stat({
          title: 'Sessions',
          description: 'Sessions that are pinned to it. Before it is ended, it should drain to 0.',
          width: 4,
          unit: 'short',
          queries: [query('sessions', `sum(${pinsBy(AT_ENDPOINT)})`)],
        }),
        stat({
          title: 'Waiting',
          description: 'Requests that wait for a place at it.',
          width: 4,
          unit: 'short',
          steps: ['green', [1, 'orange']],
          queries: [query('waiting', `sum(holdfast_endpoint_waiting_requests{${AT_ENDPOINT}})`)],
        }),
      ],
    },
    {
      title: 'Since when, and for whom?',
      panels: [
        timeline({
          title: 'Standing by node',
          description: 'If one node alone holds it down, it is the way between the two.',
          width: 24,
          height: 7,
          states: STANDING_COLORS,
          queries: [
            query(
              '{{instance}} {{holdfast_endpoint}}',
              stateBy(
                'instance, holdfast_endpoint',
                'holdfast_endpoint_standing',
                'holdfast_endpoint_standing',
                STANDINGS,
                AT_ENDPOINT,
              ),
            ),
          ],
        }),
        graph({
          title: 'Answers by status',
          description: 'What it answered, in attempts in a second.',
          width: 8,
          unit: 'reqps',
          stacked: 'sum',
          queries: [
            query(
              '{{http_response_status_code}}',
              rateBy(
                'http_response_status_code',
                `${ASKED}_count{${AT_ENDPOINT},http_response_status_code!=""}`,
              ),
            ),
          ],
          links: [
            tracesHere(
              'Traces with this status',
              ` && span.http.response.status_code = ${clicked('http_response_status_code')}`,
            ),
            linesHere('Lines with this status', ` | status="${clicked('http_response_status_code')}"`),
          ],
        }),
        graph({
          title: 'Failed attempts by cause',
          description: 'Our error code where no answer came; the status where it was 5xx.',
          width: 8,
          unit: 'reqps',
          noValue: 'none has failed',
          queries: [
            query(
              '{{error_type}} {{http_response_status_code}}',
              rateBy(
                'error_type, http_response_status_code',
                `${ASKED}_count{${AT_ENDPOINT},${FAILED_ATTEMPT}}`,
              ),
            ),
          ],
          links: [
            tracesHere('Traces with this cause', ` && span.error.type = "${clicked('error_type')}"`),
            linesHere('Lines with this cause', ` | error="${clicked('error_type')}"`),
          ],
        }),
        graph({
          title: 'Time until it answers',
          description: 'Percentiles of the time from sending a request until its answer begins.',
          width: 8,
          unit: 's',
          queries: [0.5, 0.95, 0.99].map((share) =>
            query(`p${share * 100}`, quantile(share, `${ASKED}_bucket{${AT_ENDPOINT}}`)),
          ),
          links: [tracesHere('Slow traces', ' && duration > 500ms')],
        }),
        graph({
          title: 'Requests by node',
          description: 'Attempts in a second of each node.',
          width: 8,
          unit: 'reqps',
          queries: [query('{{instance}}', rateBy('instance', `${ASKED}_count{${AT_ENDPOINT}}`))],
          links: [tracesHere('Its traces'), linesHere('Its lines')],
        }),
        graph({
          title: 'Failed attempts by node',
          description: 'If one node alone fails, it is the way between the two.',
          width: 8,
          unit: 'reqps',
          noValue: 'none has failed',
          queries: [
            query('{{instance}}', rateBy('instance', `${ASKED}_count{${AT_ENDPOINT},${FAILED_ATTEMPT}}`)),
          ],
          links: [
            tracesHere('Failed traces', ' && status = error'),
            linesHere('Lines with an error', ' | error!=""'),
          ],
        }),
        graph({
          title: 'Under way and waiting',
          description: 'Requests that it works on, and requests that wait for a place at it.',
          width: 8,
          unit: 'short',
          queries: [
            query(
              '{{holdfast_endpoint}} under way',
              `sum by (${ENDPOINT}) (holdfast_endpoint_active_requests{${AT_ENDPOINT}})`,
            ),
            query(
              '{{holdfast_endpoint}} waiting',
              `sum by (${ENDPOINT}) (holdfast_endpoint_waiting_requests{${AT_ENDPOINT}})`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'What of its sessions?',
      panels: [
        graph({
          title: 'Sessions over time',
          description: 'Sessions that are pinned to it, by the word of the session map.',
          width: 12,
          unit: 'short',
          queries: [query('{{holdfast_endpoint}}', pinsBy(AT_ENDPOINT))],
          links: [linesHere('Sessions that came by a move', ' | outcome="repinned"')],
        }),
        graph({
          title: 'Share of its pool',
          description: 'Its share of the attempts of the pool, and what its weight is worth.',
          width: 12,
          unit: 'percentunit',
          queries: [
            query(
              '{{holdfast_endpoint}}',
              `${rateBy(ENDPOINT, `${ASKED}_count{${AT_ENDPOINT}}`)} / on (holdfast_pool) group_left () ${rateBy('holdfast_pool', `${ASKED}_count{${IN_POOL}}`)}`,
            ),
            query(
              '{{holdfast_endpoint}} by weight',
              `max by (${ENDPOINT}) (holdfast_endpoint_weight{${AT_ENDPOINT}}) / on (holdfast_pool) group_left () sum by (holdfast_pool) (max by (${ENDPOINT}) (holdfast_endpoint_weight{${IN_POOL}}))`,
            ),
          ],
        }),
        graph({
          title: 'Moves of the pool by reason',
          description: 'Sessions that were moved in the pool in a second, from any endpoint to any other.',
          width: 12,
          unit: 'cps',
          noValue: 'none has moved',
          queries: [
            query(
              '{{holdfast_affinity_repin_reason}}',
              rateBy('holdfast_affinity_repin_reason', `holdfast_affinity_repins_total{${IN_POOL}}`),
            ),
          ],
          links: [
            tracesHere(
              'Moves to it as traces',
              ` && span.holdfast.affinity.repin.reason = "${clicked('holdfast_affinity_repin_reason')}"`,
            ),
          ],
        }),
        graph({
          title: 'Found to be down',
          description:
            'How often the nodes have found it down, by failed health checks or by what requests experienced; counted since they began.',
          width: 12,
          unit: 'short',
          queries: [
            query(
              '{{holdfast_endpoint}} {{holdfast_endpoint_ejection_cause}}',
              `sum by (${ENDPOINT}, holdfast_endpoint_ejection_cause) (holdfast_endpoint_ejections_total{${AT_ENDPOINT}})`,
            ),
          ],
        }),
      ],
    },
  ],
};
