import type { Clock, EpochMs, NodeId, SessionKey } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';

const SESSION_PREFIX_CHARACTERS = 11;

/** What logs say of a session: the first 64 bits of its key. */
export const sessionPrefix = (key: SessionKey): string => key.slice(0, SESSION_PREFIX_CHARACTERS);

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
  #listener: string | undefined;
  #route: string | undefined;
  #pool: string | undefined;
  #where = '';

  /** @param write takes a line with its line feed */
  constructor(write: (line: string) => void, node: NodeId, clock: Clock) {
    this.#write = write;
    this.#clock = clock;
    this.#end = `,"node":${text(node)}}\n`;
  }

  requestFinished(record: RequestRecord): void {
    const { resolution, flags, trace } = record;
    const retries = Math.max(0, record.attempts - 1);
    this.#write(
      `{"level":"info","time":"${this.#now()}","request_id":${text(record.requestId)}` +
        `,"client_ip":"${record.clientAddress}","method":"${record.method}","path":${text(record.path)}` +
        `,"proto":"HTTP/${record.httpVersion}","status":${record.status}${this.#whereOf(record)}` +
        (resolution === undefined ? '' : outcomeOf(resolution)) +
        (flags === undefined ? '' : `,"flags":"${flags}"`) +
        (record.error === undefined ? '' : `,"error":"${record.error}"`) +
        (trace === undefined ? '' : traceOf(trace)) +
        `,"retries":${retries},"bytes_in":${record.bytesIn},"bytes_out":${record.bytesOut}` +
        `,"dur_ms":${milliseconds(record.durationMs)},"store_ms":${milliseconds(record.affinityMs)}` +
        (record.upstreamMs === undefined ? '' : `,"upstream_ms":${milliseconds(record.upstreamMs)}`) +
        this.#end,
    );
  }

  /** Which way the request took through the configuration, made once for all that take the same one after another. */
  #whereOf({ listener, route, pool }: RequestRecord): string {
    if (listener !== this.#listener || route !== this.#route || pool !== this.#pool) {
      this.#listener = listener;
      this.#route = route;
      this.#pool = pool;
      this.#where = `,"listener":${text(listener)},"route":${text(route)},"pool":${text(pool)}`;
    }
    return this.#where;
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

/** By what the request is found among traces, if it is there. */
const traceOf = ({ traceId, spanId }: RequestTrace): string =>
  (traceId === undefined ? '' : `,"trace_id":"${traceId}"`) +
  (spanId === undefined ? '' : `,"span_id":"${spanId}"`);

/** Where the request went, and why. Ids, addresses and words of ours need no escape. */
function outcomeOf({ endpoint, outcome, source, tier, reason, session }: Resolution): string {
  return (
    (endpoint === undefined ? '' : `,"endpoint":"${endpoint.id}","upstream":"${endpoint.origin}"`) +
    `,"outcome":"${outcome}","source":"${source}","tier":"${tier}"` +
    (reason === undefined ? '' : `,"reason":"${reason}"`) +
    (session === undefined ? '' : `,"session":"${sessionPrefix(session.key)}"`) +
    (session?.pin === undefined ? '' : `,"pin_version":${session.pin.version}`)
  );
}

/** What JSON does not take as it is. */
const SPECIAL = /["\\\p{Cc}]/u;

const text = (value: string): string => (SPECIAL.test(value) ? JSON.stringify(value) : `"${value}"`);

const FRACTIONS = Array.from({ length: 1_000 }, (_, thousandths) =>
  thousandths === 0 ? '' : `.${String(thousandths).padStart(3, '0').replace(/0+$/, '')}`,
);

/** A time to three decimals, written as two whole numbers: the engine takes ten times as long for one with a fraction. */
function milliseconds(valueMs: number): string {
  const thousandths = Math.round(valueMs * 1_000);
  const wholeMs = Math.floor(thousandths / 1_000);
  return wholeMs + (FRACTIONS[thousandths - wholeMs * 1_000] as string);
}
