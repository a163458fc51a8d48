import { writtenEndpoint } from '@holdfast/shared/config';
import { z } from 'zod';
import { count, duration, instant } from './api-fields.ts';
import type { ApiOperation } from './api-operation.ts';
import { ipAddress } from './question.ts';
import { rebalanceView, rebalanceWishes } from './rebalance-view.ts';

const DEADLINE_MS_MAX = 30 * 24 * 3_600_000;
const WAIT_MS_MAX = 10 * 60_000;

const nothing = z.object({});

const drain = z.object({ since: instant, deadline: instant.optional() });

export const endpointFrom = z
  .enum(['configuration', 'dns', 'file', 'kubernetes', 'operator'])
  .meta({ description: 'who has named it' });

export const endpointView = z.object({
  id: z.string().meta({ description: 'pool and endpoint, as in shop/shop-1' }),
  url: z.string(),
  from: endpointFrom.optional(),
  weight: z.number(),
  standing: z.enum(['serving', 'draining', 'suspect', 'down']),
  drain: drain.optional(),
  pinned: count
    .optional()
    .meta({ description: 'living pins in the session map; absent if it cannot be asked' }),
  inFlight: count.meta({ description: 'requests of this node that are under way there' }),
  waiting: count,
});
export type EndpointView = z.output<typeof endpointView>;

/** An endpoint that no longer drains; of one that is not configured any more, there is nothing else to tell. */
export const undrainedView = z.union([
  endpointView,
  z.object({ id: z.string(), standing: z.literal('unknown') }),
]);

export const endpointList = z.object({ endpoints: z.array(endpointView) });

export const terminationView = z.object({
  safe: z.boolean(),
  reasons: z.array(z.string()),
  endpoint: endpointView,
});

export const sessionView = z.object({
  key: z.string().meta({ description: 'a one-way digest of what names the session' }),
  endpoint: z.string(),
  version: z.int().min(1),
  pinnedAt: instant,
  expiresAt: instant,
  endsAt: instant,
  root: z
    .string()
    .optional()
    .meta({ description: 'the first key of the session, of which this is a further one' }),
});

export const sessionPage = z.object({ sessions: z.array(sessionView), next: z.string().optional() });

const move = z.object({
  to: z.string().optional().meta({ description: 'the endpoint; default: where a failure would move it' }),
});

const field = z.string().regex(/^[^\r\n]*$/, 'one line');

const request = z.object({
  listener: z
    .string()
    .optional()
    .meta({ description: 'default: the first http listener with a route for it' }),
  method: field.default('GET'),
  target: field.default('/').meta({ description: 'path and query' }),
  host: field.default('localhost'),
  headers: z
    .array(z.tuple([field, field]))
    .default([])
    .meta({ description: 'names and values, such as Cookie and _srv_id=...' }),
  clientAddress: ipAddress.default('127.0.0.1'),
});

const explainedKey = z.object({
  source: z.string(),
  key: z.string(),
  known: z.enum(['store', 'cookie', 'no', 'store-unavailable']),
  endpoint: z.string().optional(),
  standing: z.string().optional(),
  version: z.int().optional(),
  pinnedAt: instant.optional(),
  expiresAt: instant.optional(),
  endsAt: instant.optional(),
});
export type ExplainedKey = z.output<typeof explainedKey>;

export const explanation = z.object({
  listener: z.string(),
  route: z.string(),
  pool: z.string(),
  label: z.string().optional().meta({ description: 'the source of a label, whether or not it is followed' }),
  keys: z
    .array(explainedKey)
    .meta({ description: 'every key that the request names, in the order in which they count' }),
  decision: z.enum(['label', 'keep', 'arrive', 'adopt', 'pin', 'repin', 'fallback', 'refuse', 'none']),
  endpoint: z.string().optional().meta({ description: 'absent where the balance policy is to choose' }),
  why: z.string(),
});
export type Explanation = z.output<typeof explanation>;

/** How far a node is that leaves. */
export const departureView = z.object({
  remaining: z
    .string()
    .meta({ description: 'for how long clients may still find the node; `0s`: nobody does any more' }),
});

/** Where the next request of a session would go, as far as the session map says. */
export const sessionExplanation = z.object({
  key: z.string(),
  pool: z.string(),
  pinnedTo: z.string(),
  standing: z.string().meta({ description: 'how that endpoint stands for the session' }),
  decision: explanation.shape.decision,
  endpoint: z
    .string()
    .optional()
    .meta({ description: 'where it would be served; absent where nobody would serve it' }),
  why: z.string(),
});
export type SessionExplanation = z.output<typeof sessionExplanation>;

const adminEvent = z.object({
  type: z.enum([
    'session-moved',
    'session-forgotten',
    'endpoint-changed',
    'endpoint-removed',
    'rebalance-started',
    'rebalance-finished',
    'store-mode-changed',
    'node-joined',
    'node-suspect',
    'node-left',
    'events-missed',
  ]),
  at: instant,
  key: z.string().optional(),
  version: z.int().optional(),
  endpoint: z.string().optional(),
  standing: z.string().optional(),
  node: z.string().optional(),
  mode: z.string().optional(),
  pool: z.string().optional(),
  moved: z.int().optional(),
  state: z.string().optional(),
});
export type AdminEvent = z.output<typeof adminEvent>;

/** What a process answers of events, and the cursor to go on with. */
export const eventPage = z.object({ cursor: z.string(), events: z.array(adminEvent) });

const operation = <Query extends z.ZodObject = typeof nothing, Body extends z.ZodObject = typeof nothing>(
  given: Pick<ApiOperation, 'method' | 'path' | 'summary' | 'answer'> & {
    readonly query?: Query;
    readonly body?: Body;
    readonly isTagged?: boolean;
    readonly answerType?: string;
  },
): ApiOperation<Query, Body> => ({
  isTagged: false,
  answerType: 'application/json',
  ...given,
  query: (given.query ?? nothing) as Query,
  body: (given.body ?? nothing) as Body,
});

/** All that operators can ask of the admin listener beside its probes, its status and a reload. */
export const API = {
  leave: operation({
    method: 'post',
    path: '/leave',
    summary:
      'Have the node leave: it is no longer ready and sends its clients elsewhere, but serves on until it is ended',
    answer: departureView,
  }),
  listEndpoints: operation({
    method: 'get',
    path: '/endpoints',
    summary: 'List endpoints, with what is left at those that drain',
    answer: endpointList,
  }),
  addEndpoint: operation({
    method: 'post',
    path: '/endpoints/{pool}',
    summary: 'Add an endpoint to a pool of this node, until the node ends',
    body: writtenEndpoint,
    answer: endpointView,
    isTagged: true,
  }),
  removeEndpoint: operation({
    method: 'delete',
    path: '/endpoints/{pool}/{id}',
    summary: 'Remove an endpoint that was added, once nobody would notice',
    query: z.object({
      force: z.stringbool().default(false).meta({ description: 'remove it even if somebody would notice' }),
    }),
    answer: undrainedView,
    isTagged: true,
  }),
  getEndpoint: operation({
    method: 'get',
    path: '/endpoints/{pool}/{id}',
    summary: 'One endpoint',
    answer: endpointView,
    isTagged: true,
  }),
  drain: operation({
    method: 'put',
    path: '/endpoints/{pool}/{id}/drain',
    summary: 'Give an endpoint no new sessions, on all nodes; at the deadline, let go of those that it has',
    body: z.object({ deadline: duration(DEADLINE_MS_MAX, 'a duration of 30 days at most').optional() }),
    answer: endpointView,
    isTagged: true,
  }),
  undrain: operation({
    method: 'delete',
    path: '/endpoints/{pool}/{id}/drain',
    summary: 'Give an endpoint new sessions again',
    answer: undrainedView,
    isTagged: true,
  }),
  safeToTerminate: operation({
    method: 'get',
    path: '/endpoints/{pool}/{id}/safe-to-terminate',
    summary: 'Whether nobody would notice if the endpoint ended now: 200 if so, else 503',
    query: z.object({
      wait: duration(WAIT_MS_MAX, 'how long to wait for it, 10 minutes at most').optional(),
    }),
    answer: terminationView,
  }),
  rebalance: operation({
    method: 'post',
    path: '/pools/{pool}/rebalance',
    summary: 'Move idle sessions until every endpoint has what its weight is worth',
    body: rebalanceWishes,
    answer: rebalanceView,
  }),
  getRebalance: operation({
    method: 'get',
    path: '/pools/{pool}/rebalance',
    summary: 'How far the rebalance of a pool is that this node has begun',
    answer: rebalanceView,
  }),
  stopRebalance: operation({
    method: 'delete',
    path: '/pools/{pool}/rebalance',
    summary: 'Stop the rebalance of a pool that this node has begun',
    answer: rebalanceView,
  }),
  listSessions: operation({
    method: 'get',
    path: '/sessions',
    summary: 'List sessions by their keys, page by page',
    query: z.object({
      endpoint: z.string().optional(),
      cursor: z.string().optional().meta({ description: 'the `next` of the page before' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(1_000)
        .default(100)
        .meta({ description: 'about how many sessions a page has; one with a `next` may have fewer' }),
    }),
    answer: sessionPage,
  }),
  getSession: operation({
    method: 'get',
    path: '/sessions/{key}',
    summary: 'Where a session is',
    answer: sessionView,
    isTagged: true,
  }),
  moveSession: operation({
    method: 'post',
    path: '/sessions/{key}/move',
    summary: 'Move a session to another endpoint',
    body: move,
    answer: sessionView,
    isTagged: true,
  }),
  unpinSession: operation({
    method: 'delete',
    path: '/sessions/{key}',
    summary: 'Forget where a session is',
    answer: sessionView,
    isTagged: true,
  }),
  watchEvents: operation({
    method: 'get',
    path: '/events',
    summary: 'What happens to sessions and endpoints, as server-sent events; goes on from `Last-Event-ID`',
    answer: adminEvent,
    answerType: 'text/event-stream',
  }),
  explain: operation({
    method: 'post',
    path: '/explain',
    summary: 'Where a request would go, and why; nothing is changed',
    body: request,
    answer: explanation,
  }),
  explainSession: operation({
    method: 'get',
    path: '/sessions/{key}/explain',
    summary: 'Where the next request of a session would go, and why',
    answer: sessionExplanation,
  }),
};
