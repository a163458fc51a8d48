import type { DashboardPlan } from './dashboard.ts';
import { CLICKED_ENDPOINT, linesOf, toEndpoint, tracesOf } from './links.ts';
import { graph, stat, table } from './looks.ts';
import { clicked } from './placeholder.ts';
import { HERE, IN_POOL, pinsBy, quantile, query, rate, rateBy, ratio, stateBy } from './query.ts';
import { STANDING_COLORS, STANDINGS } from './states.ts';

const LOOKUPS = 'holdfast_affinity_lookups_total';
const ENDPOINT = 'holdfast_pool, holdfast_endpoint';

const weights = `max by (${ENDPOINT}) (holdfast_endpoint_weight{${IN_POOL}})`;
const isDraining = `max by (${ENDPOINT}) (holdfast_endpoint_standing{${IN_POOL},holdfast_endpoint_standing="draining"}) == 1`;
const expected = `(${weights}) * on (holdfast_pool) group_left () (sum by (holdfast_pool) (${pinsBy(IN_POOL)}) / sum by (holdfast_pool) (${weights}))`;
const skew = `max by (holdfast_pool) (${pinsBy(IN_POOL)} / (${weights} > 0)) / (sum by (holdfast_pool) (${pinsBy(IN_POOL)}) / sum by (holdfast_pool) (${weights}))`;

/** What is promised of sessions, and whether it is kept. */
export const stickiness: DashboardPlan = {
  uid: 'holdfast-stickiness',
  title: 'Holdfast: stickiness',
  description:
    'Where sessions are, who says so, why they move, and whether the promise is kept that they stay.',
  variables: ['pool'],
  rows: [
    {
      title: 'Is the promise kept?',
      panels: [
        stat({
          title: 'Violations',
          description:
            'Requests that another endpoint served than the one of their session, in the time shown. Moves for a reason are none.',
          width: 4,
          unit: 'short',
          decimals: 0,
          steps: ['green', [0.5, 'red']],
          queries: [
            query('violations', `sum(increase(holdfast_affinity_violations_total{${IN_POOL}}[$__range]))`),
          ],
        }),
        stat({
          title: 'Known sessions',
          description:
            'The share of requests with a session that went to the endpoint where it was. The rest are new sessions and those that moved.',
          width: 4,
          unit: 'percentunit',
          queries: [
            query(
              'hit',
              ratio(
                `sum(${rate(`${LOOKUPS}{${IN_POOL},holdfast_affinity_outcome="hit"}`)})`,
                `sum(${rate(`${LOOKUPS}{${IN_POOL},holdfast_affinity_outcome!="none"}`)})`,
              ),
            ),
          ],
        }),
        stat({
          title: 'Without the store',
          description:
            'The share of look-ups that the memory of a node answered, so that no request of them waited for the session map.',
          width: 4,
          unit: 'percentunit',
          queries: [
            query(
              'near',
              ratio(
                `sum(${rate(`${LOOKUPS}{${IN_POOL},holdfast_affinity_tier="near"}`)})`,
                `sum(${rate(`${LOOKUPS}{${IN_POOL},holdfast_affinity_tier!="none"}`)})`,
              ),
            ),
          ],
        }),
        stat({
          title: 'Moves',
          description: 'Sessions that were moved in the time shown, whatever the reason.',
          width: 4,
          unit: 'short',
          decimals: 0,
          queries: [query('moves', `sum(increase(holdfast_affinity_repins_total{${IN_POOL}}[$__range]))`)],
        }),
        stat({
          title: 'Sessions',
          description: 'Sessions that are pinned in the session map.',
          width: 4,
          unit: 'short',
          queries: [query('sessions', `sum(${pinsBy(IN_POOL)})`)],
        }),
        stat({
          title: 'Skew',
          description:
            'How many sessions the fullest endpoint has, compared with what its weight is worth; of all pools the worst. 1 is even.',
          width: 4,
          unit: 'short',
          decimals: 2,
          steps: ['green', [1.5, 'orange'], [2, 'red']],
          queries: [query('skew', `max(${skew})`)],
        }),
        graph({
          title: 'Violations by reason',
          description:
            'Requests in a second that were not served where their session is. endpoint-suspect: only this node holds the endpoint down; store-unavailable: the map had moved it meanwhile.',
          width: 12,
          unit: 'reqps',
          queries: [
            query(
              '{{holdfast_pool}} {{holdfast_affinity_violation_reason}}',
              rateBy(
                'holdfast_pool, holdfast_affinity_violation_reason',
                `holdfast_affinity_violations_total{${IN_POOL}}`,
              ),
            ),
          ],
          links: [
            tracesOf(
              'Requests off their endpoint as traces',
              '{ span.holdfast.affinity.outcome = "fallback" }',
            ),
            linesOf(
              'Requests off their endpoint as lines',
              '{service_name="holdfast"} | json | outcome="fallback"',
            ),
          ],
        }),
        graph({
          title: 'Moves by reason',
          description:
            'Sessions that were moved in a second, and why. endpoint-down is a failure; endpoint-drained, rebalanced and operator are meant.',
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
            tracesOf(
              'Moves for this reason as traces',
              `{ span.holdfast.affinity.repin.reason = "${clicked('holdfast_affinity_repin_reason')}" }`,
            ),
            linesOf(
              'Moves for this reason as lines',
              `{service_name="holdfast"} | json | outcome="repinned" | reason="${clicked('holdfast_affinity_repin_reason')}"`,
            ),
          ],
        }),
      ],
    },
    {
      title: 'How are sessions found?',
      panels: [
        graph({
          title: 'Outcomes',
          description:
            'What became of the session of each request. Many created: clients that bring no cookie back. Many adopted: nodes that learn from each other, or a map that is filled again. Fallback: served without moving or asking the pin.',
          width: 8,
          unit: 'reqps',
          stacked: 'sum',
          queries: [
            query(
              '{{holdfast_affinity_outcome}}',
              rateBy('holdfast_affinity_outcome', `${LOOKUPS}{${IN_POOL}}`),
            ),
          ],
        }),
        graph({
          title: 'Who answered',
          description:
            'The tier that knew where the session is: the near cache of the node, the store, the sealed cookie, or hashing where nobody knew.',
          width: 8,
          unit: 'reqps',
          stacked: 'shares',
          queries: [
            query('{{holdfast_affinity_tier}}', rateBy('holdfast_affinity_tier', `${LOOKUPS}{${IN_POOL}}`)),
          ],
        }),
        graph({
          title: 'What named the session',
          description:
            'Where the session key came from. none: requests without a session, or of pools that keep none.',
          width: 8,
          unit: 'reqps',
          stacked: 'shares',
          queries: [
            query(
              '{{holdfast_affinity_source}}',
              rateBy('holdfast_affinity_source', `${LOOKUPS}{${IN_POOL}}`),
            ),
          ],
        }),
        graph({
          title: 'Time of look-ups beyond the near cache',
          description:
            'Percentiles of how long a request waited to know its endpoint, where its node did not remember it.',
          width: 8,
          unit: 's',
          queries: [0.5, 0.99].map((share) =>
            query(
              `p${share * 100} {{holdfast_affinity_tier}}`,
              quantile(
                share,
                `holdfast_affinity_lookup_duration_seconds_bucket{${IN_POOL}}`,
                'holdfast_affinity_tier',
              ),
            ),
          ),
          links: [tracesOf('Slow look-ups as traces', '{ name = "affinity.resolve" && duration > 5ms }')],
        }),
        graph({
          title: 'Pins in near caches',
          description:
            'How many pins each node remembers; store.nearCacheEntries is the most. A node of several workers tells the sum.',
          width: 8,
          unit: 'short',
          queries: [query('{{instance}}', `sum by (instance) (holdfast_near_cache_entries{${HERE}})`)],
        }),
        graph({
          title: 'Retries',
          description:
            'Requests in a second that were tried at a second endpoint. They come with failures of endpoints.',
          width: 8,
          unit: 'reqps',
          queries: [
            query('{{holdfast_pool}}', rateBy('holdfast_pool', `holdfast_retries_total{${IN_POOL}}`)),
          ],
          links: [tracesOf('Retried requests as traces', '{ span.http.request.resend_count > 0 }')],
        }),
      ],
    },
    {
      title: 'Who has them?',
      panels: [
        graph({
          title: 'Sessions by endpoint',
          description: 'Pinned sessions by the word of the session map.',
          width: 8,
          unit: 'short',
          queries: [query('{{holdfast_endpoint}}', pinsBy(IN_POOL))],
          links: [toEndpoint],
        }),
        graph({
          title: 'Skew by pool',
          description:
            'The fullest endpoint of a pool, compared with what its weight is worth. 1 is even; a rebalance brings it there.',
          width: 8,
          unit: 'short',
          steps: ['green', [1.5, 'orange'], [2, 'red']],
          queries: [query('{{holdfast_pool}}', skew)],
        }),
        graph({
          title: 'Drains: sessions left',
          description: 'Sessions of endpoints that drain. At 0 such an endpoint may be ended.',
          width: 8,
          unit: 'short',
          noValue: 'no endpoint drains',
          queries: [
            query('{{holdfast_endpoint}}', `${pinsBy(IN_POOL)} and on (${ENDPOINT}) (${isDraining})`),
          ],
          links: [
            toEndpoint,
            linesOf('Its lines', `{service_name="holdfast"} | json | endpoint="${CLICKED_ENDPOINT}"`),
          ],
        }),
        table({
          title: 'Endpoints',
          description:
            'Each endpoint as it is now. Expected: what it would have if all sessions of the pool were spread by weight.',
          width: 24,
          queries: [
            query('sessions', pinsBy(IN_POOL)),
            query('expected', expected),
            query('weight', weights),
            query('active', `sum by (${ENDPOINT}) (holdfast_endpoint_active_requests{${IN_POOL}})`),
            query(
              'standing',
              stateBy(
                ENDPOINT,
                'holdfast_endpoint_standing',
                'holdfast_endpoint_standing',
                STANDINGS,
                IN_POOL,
              ),
            ),
          ],
          columns: [
            { of: 'holdfast_pool', title: 'Pool' },
            { of: 'holdfast_endpoint', title: 'Endpoint' },
            { of: 'standing', title: 'Standing', states: STANDING_COLORS },
            { of: 'sessions', title: 'Sessions', unit: 'short' },
            { of: 'expected', title: 'Expected', unit: 'short' },
            { of: 'weight', title: 'Weight', unit: 'short' },
            { of: 'active', title: 'Under way', unit: 'short' },
          ],
        }),
      ],
    },
  ],
};
