import type { NodeId } from '@holdfast/shared';
import type { Logger as PinoLogger } from 'pino';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';

const SESSION_PREFIX_CHARACTERS = 11;

/**
 * One JSON line per request. The session appears as the first 64 bits of its key, which is a one-way digest: enough to
 * follow a session through the logs of all nodes and to find it in the map, useless to anybody who would be that session.
 */
export class AccessLog implements RequestRecorder {
  readonly #log: PinoLogger;
  readonly #node: NodeId;

  constructor(log: PinoLogger, node: NodeId) {
    this.#log = log;
    this.#node = node;
  }

  requestFinished(record: RequestRecord): void {
    const { resolution } = record;
    this.#log.info({
      request_id: record.requestId,
      client_ip: record.clientAddress,
      method: record.method,
      path: record.path,
      proto: `HTTP/${record.httpVersion}`,
      status: record.status,
      listener: record.listener,
      route: record.route,
      pool: record.pool,
      endpoint: resolution?.endpoint?.id,
      upstream: resolution?.endpoint?.origin,
      outcome: resolution?.outcome,
      source: resolution?.source,
      tier: resolution?.tier,
      reason: resolution?.reason,
      session: resolution?.session?.key.slice(0, SESSION_PREFIX_CHARACTERS),
      pin_version: resolution?.session?.pin?.version,
      error: record.error,
      retries: Math.max(0, record.attempts - 1),
      bytes_in: record.bytesIn,
      bytes_out: record.bytesOut,
      dur_ms: round(record.durationMs),
      store_ms: round(record.affinityMs),
      upstream_ms: record.upstreamMs === undefined ? undefined : round(record.upstreamMs),
      node: this.#node,
    });
  }
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
