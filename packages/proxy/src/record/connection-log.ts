import type { Clock, NodeId } from '@holdfast/shared';
import type { ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import { sessionPrefix } from './access-log.ts';

/**
 * One JSON line per connection or flow, when it is over: in the same stream as those of requests, with the same names for the
 * same things.
 */
export class ConnectionLog implements ConnectionRecorder {
  readonly #write: (line: string) => void;
  readonly #node: NodeId;
  readonly #clock: Clock;

  /** @param write takes a line with its line feed */
  constructor(write: (line: string) => void, node: NodeId, clock: Clock) {
    this.#write = write;
    this.#node = node;
    this.#clock = clock;
  }

  connectionFinished(record: ConnectionRecord): void {
    const { resolution, trace } = record;
    const line = {
      level: 'info',
      time: new Date(this.#clock.now()).toISOString(),
      client_ip: record.clientAddress,
      client_port: record.clientPort,
      proto: record.protocol,
      server_name: record.serverName,
      end: record.end,
      listener: record.listener,
      pool: record.pool,
      endpoint: resolution?.endpoint?.id,
      upstream: resolution?.endpoint?.origin,
      outcome: resolution?.outcome,
      source: resolution?.source,
      tier: resolution?.tier,
      reason: resolution?.reason,
      session: resolution?.session && sessionPrefix(resolution.session.key),
      pin_version: resolution?.session?.pin?.version,
      error: record.error,
      trace_id: trace?.traceId,
      span_id: trace?.spanId,
      retries: Math.max(0, record.attempts - 1),
      bytes_in: record.bytesIn,
      bytes_out: record.bytesOut,
      dur_ms: milliseconds(record.durationMs),
      store_ms: milliseconds(record.affinityMs),
      connect_ms: record.connectMs === undefined ? undefined : milliseconds(record.connectMs),
      node: this.#node,
    };
    this.#write(`${JSON.stringify(line)}\n`);
  }
}

const milliseconds = (valueMs: number): number => Math.round(valueMs * 1_000) / 1_000;
