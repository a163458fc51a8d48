import type { Clock, EpochMs, NodeId } from '@holdfast/shared';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';

const SESSION_PREFIX_CHARACTERS = 11;

/**
 * One JSON line per request. The session appears as the first 64 bits of its key, which is a one-way digest: enough to
 * follow a session through the logs of all nodes and to find it in the map, useless to anybody who would be that session.
 *
 * Lines are put together by hand: a general formatter costs as much as the rest of the proxy's JavaScript.
 */
export class AccessLog implements RequestRecorder {
  readonly #write: (line: string) => void;
  readonly #clock: Clock;
  readonly #end: string;
  #timeMs: EpochMs = -1;
  #time = '';

  /** @param write takes a line with its line feed */
  constructor(write: (line: string) => void, node: NodeId, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
    this.#end = `${text('node', node)}}\n`;
  }

  requestFinished(record: RequestRecord): void {
    const { resolution } = record;
    const retries = Math.max(0, record.attempts - 1);
    this.#write(
      `{"level":"info","time":"${this.#now()}"` +
        text('request_id', record.requestId) +
        text('client_ip', record.clientAddress) +
        text('method', record.method) +
        text('path', record.path) +
        `,"proto":"HTTP/${record.httpVersion}","status":${record.status}` +
        text('listener', record.listener) +
        text('route', record.route) +
        text('pool', record.pool) +
        text('endpoint', resolution?.endpoint?.id) +
        text('upstream', resolution?.endpoint?.origin) +
        text('outcome', resolution?.outcome) +
        text('source', resolution?.source) +
        text('tier', resolution?.tier) +
        text('reason', resolution?.reason) +
        text('session', resolution?.session?.key.slice(0, SESSION_PREFIX_CHARACTERS)) +
        number('pin_version', resolution?.session?.pin?.version) +
        text('error', record.error) +
        `,"retries":${retries},"bytes_in":${record.bytesIn},"bytes_out":${record.bytesOut}` +
        number('dur_ms', record.durationMs) +
        number('store_ms', record.affinityMs) +
        number('upstream_ms', record.upstreamMs) +
        this.#end,
    );
  }

  /** The time as text, made once for all requests of a millisecond. */
  #now(): string {
    const nowMs = this.#clock.now();
    if (nowMs !== this.#timeMs) {
      this.#timeMs = nowMs;
      this.#time = new Date(nowMs).toISOString();
    }
    return this.#time;
  }
}

/** What JSON does not take as it is. */
const SPECIAL = /["\\\p{Cc}]/u;

/** A field of text, with its comma; nothing where there is no value. */
function text(name: string, value: string | undefined): string {
  if (value === undefined) return '';
  return SPECIAL.test(value) ? `,"${name}":${JSON.stringify(value)}` : `,"${name}":"${value}"`;
}

/** A number to three decimals, with its comma; nothing where there is no value. */
const number = (name: string, value: number | undefined): string =>
  value === undefined ? '' : `,"${name}":${Math.round(value * 1000) / 1000}`;
