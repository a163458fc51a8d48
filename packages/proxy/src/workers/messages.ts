import type { ListenAddress } from '@holdfast/shared/config';
import { z } from 'zod';
import type { HealthCheckState } from '../health/health-check.ts';
import type { OutlierState } from '../health/outlier-detection.ts';
import { configChangesSchema } from '../node/config-changes.ts';

/**
 * What a supervisor and its workers say to each other. A supervisor outlives the code of its workers: after an upgrade
 * the two may come from different releases. So there is little of it, unknown messages and members are passed over, and
 * what cannot be understood across a change bears a new number.
 */
export const PROTOCOL = 1;

const count = z.int().min(0);

const healthCheckState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('passing'), failures: count }),
  z.object({ kind: z.literal('failing'), passes: count }),
]) satisfies z.ZodType<HealthCheckState>;

const outlierState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trusted'), connectFailures: count, requestFailures: count }),
  z.object({ kind: z.literal('ejected'), untilMs: z.number() }),
  z.object({ kind: z.literal('on-trial') }),
]) satisfies z.ZodType<OutlierState>;

/** What a worker has found out about an endpoint, for all others; without a verdict: that the endpoint is no more. */
const news = z.object({
  pool: z.string(),
  /** As `shop/shop-1`. */
  endpoint: z.string(),
  /** The address that it is about: another endpoint may have the id by now. */
  origin: z.string(),
  verdict: z
    .object({ check: healthCheckState, outlier: outlierState, incarnation: z.string().optional() })
    .optional(),
});

const address = z.object({ host: z.string(), port: z.int() }) satisfies z.ZodType<ListenAddress>;

/** How an address could not be had, as the system said it: `EADDRINUSE`. */
const refusal = z.object({ code: z.string(), message: z.string() });

/** What a worker says of another configuration. */
const reloadVerdict = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('prepared'), changes: configChangesSchema }),
  z.object({
    kind: z.literal('refused'),
    cause: z.enum(['configuration', 'system']),
    problems: z.array(z.string()).readonly(),
  }),
]);

const fromSupervisor = z.discriminatedUnion('kind', [
  /** Begin to serve. The configuration comes as text: what it means is for the worker's release to say. */
  z.object({
    kind: z.literal('start'),
    protocol: z.int(),
    /** For people, where the text has problems. */
    file: z.string(),
    text: z.string(),
    /** The id of the node. */
    node: z.string(),
    /** What is known of endpoints. */
    news: z.array(news),
    /** The questions by which operators have added endpoints. */
    additions: z.array(z.unknown()).default([]),
  }),
  /** The answer to `want-socket`; the socket itself travels beside it, unless it was refused. */
  z.object({ kind: z.literal('socket'), key: z.string(), refusal: refusal.optional() }),
  /** Make ready for another configuration, or say why not, under that number. */
  z.object({ kind: z.literal('prepare'), text: z.string(), round: count.optional() }),
  /** Use what was prepared; or forget it. */
  z.object({ kind: z.literal('commit') }),
  z.object({ kind: z.literal('discard') }),
  z.object({ kind: z.literal('news'), news }),
  /** Whether this worker is the one that probes endpoints. */
  z.object({ kind: z.literal('probing'), isProber: z.boolean() }),
  /** Stop to accept now, and end when the open connections have. */
  z.object({ kind: z.literal('dismiss') }),
  /** Have clients come back elsewhere, and serve on until told to end. */
  z.object({ kind: z.literal('leave') }),
  /** End as a node does that is told to. */
  z.object({ kind: z.literal('shut-down') }),
  /** Say how you are. */
  z.object({ kind: z.literal('report'), id: count }),
  /** Answer a question of an operator, which the supervisor passes on as it is. */
  z.object({ kind: z.literal('ask'), id: count, question: z.unknown() }),
]);

const fromWorker = z.discriminatedUnion('kind', [
  /** The first word: a process is there and can be told to start. */
  z.object({ kind: z.literal('hello'), protocol: z.int(), release: z.string() }),
  /** A listener needs its socket. */
  z.object({ kind: z.literal('want-socket'), key: z.string(), address }),
  /** It accepts, on these sockets and no others. */
  z.object({
    kind: z.literal('serving'),
    sockets: z.array(z.object({ listener: z.string(), key: z.string() })),
    /** The longest that it may take to leave, in milliseconds. */
    leavesWithinMs: count,
  }),
  /** Whether it is ready for `commit`. */
  z.object({ kind: z.literal('prepared'), verdict: reloadVerdict, round: count.optional() }),
  z.object({ kind: z.literal('news'), news }),
  /** Whether it is cut off from most endpoints that other nodes reach. */
  z.object({ kind: z.literal('reach'), isCutOff: z.boolean() }),
  z.object({ kind: z.literal('report'), id: count, report: z.unknown() }),
  z.object({ kind: z.literal('answer'), id: count, answer: z.unknown() }),
  /** What it has counted, for the last time. */
  z.object({ kind: z.literal('last-metrics'), snapshot: z.unknown() }),
]);

export type SupervisorMessage = z.output<typeof fromSupervisor>;
export type WorkerMessage = z.output<typeof fromWorker>;
export type EndpointNews = z.output<typeof news>;
export type ReloadVerdict = z.output<typeof reloadVerdict>;

/** A message of the supervisor; undefined if it is none that this release knows. */
export const readSupervisorMessage = (message: unknown): SupervisorMessage | undefined =>
  fromSupervisor.safeParse(message).data;

/** A message of a worker; undefined if it is none that this release knows. */
export const readWorkerMessage = (message: unknown): WorkerMessage | undefined =>
  fromWorker.safeParse(message).data;
