import type { ErrorCode } from '@holdfast/shared';
import type { RequestHead } from '../exchange/exchange.ts';
import type { RequestTrace } from '../tracing/request-trace.ts';
import type { RequestRecord } from './request-record.ts';

/** What is known of a request that never came to a pool. */
export interface Unforwarded {
  readonly listener: string;
  readonly requestId: string;
  readonly clientAddress: string;
  readonly isSecure: boolean;
  readonly status: number;
  /** Absent where middleware has answered. */
  readonly error?: ErrorCode | undefined;
  /** Absent where nothing is traced. */
  readonly trace?: RequestTrace | undefined;
  /** Absent where the head could not be read. */
  readonly request?: Pick<RequestHead, 'method' | 'path' | 'httpVersion'>;
  readonly bytesIn?: number;
  readonly bytesOut?: number;
  readonly durationMs?: number;
}

/** The record of a request that the proxy answered by itself: without route, pool, session and attempts. */
export const unforwardedRecord = ({ request, ...known }: Unforwarded): RequestRecord => ({
  error: undefined,
  trace: undefined,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 0,
  ...known,
  route: '',
  pool: '',
  method: request?.method ?? '',
  path: request?.path ?? '',
  httpVersion: request === undefined ? '' : request.httpVersion,
  resolution: undefined,
  attempts: 0,
  affinityMs: 0,
  upstreamMs: undefined,
});
