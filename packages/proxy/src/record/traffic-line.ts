import { z } from 'zod';
import type { RequestRecord } from '../forward/request-record.ts';
import type { ConnectionRecord } from '../layer4/connection-record.ts';

/** A request, a connection or a flow that is over, as those see it who look on: the words are those of the access log. */
export const trafficLine = z.object({
  /** When it was over. */
  atMs: z.number(),
  /** `TCP` or `UDP` where it was no request. */
  method: z.string(),
  /** Without its query; of a connection, the name that its client asked for. */
  path: z.string(),
  /** Of a connection, how it ended. */
  status: z.union([z.int(), z.string()]),
  listener: z.string(),
  pool: z.string(),
  endpoint: z.string().optional(),
  outcome: z.string().optional(),
  source: z.string().optional(),
  tier: z.string().optional(),
  reason: z.string().optional(),
  /** The whole key, by which the admin API tells of the session as well. */
  session: z.string().optional(),
  error: z.string().optional(),
  retries: z.int(),
  durationMs: z.number(),
  requestId: z.string().optional(),
  /** Where somebody has recorded a trace of it. */
  traceId: z.string().optional(),
});
export type TrafficLine = z.output<typeof trafficLine>;

/** A path may be as long as a head; nobody reads more of it than this. */
const PATH_CHARACTERS_MAX = 200;

export const lineOfRequest = (record: RequestRecord, atMs: number): TrafficLine => ({
  ...whereabouts(record),
  atMs,
  method: record.method,
  path: shortened(record.path),
  status: record.status,
  requestId: record.requestId,
});

export const lineOfConnection = (record: ConnectionRecord, atMs: number): TrafficLine => ({
  ...whereabouts(record),
  atMs,
  method: record.protocol.toUpperCase(),
  path: shortened(record.serverName ?? ''),
  status: record.end,
});

/** Where it went, and why. */
function whereabouts(record: RequestRecord | ConnectionRecord) {
  const { listener, pool, resolution, error, attempts, durationMs, trace } = record;
  const { endpoint, outcome, source, tier, reason, session } = resolution ?? {};
  return {
    ...{ listener, pool, outcome, source, tier, reason, error, durationMs },
    endpoint: endpoint?.id,
    session: session?.key,
    retries: Math.max(0, attempts - 1),
    traceId: trace?.traceId,
  };
}

const shortened = (text: string): string =>
  text.length > PATH_CHARACTERS_MAX ? `${text.slice(0, PATH_CHARACTERS_MAX)}…` : text;
