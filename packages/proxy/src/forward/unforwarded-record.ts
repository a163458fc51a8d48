import type { ErrorCode } from '@holdfast/shared';
import type { RequestHead } from '../exchange/exchange.ts';
import type { RequestRecord } from './request-record.ts';

/** What is known of a request that never came to a pool. */
export interface Unforwarded {
  readonly listener: string;
  readonly requestId: string;
  readonly clientAddress: string;
  readonly status: number;
  readonly error: ErrorCode;
  /** Absent where the head could not be read. */
  readonly request?: RequestHead;
}

/** The record of a request that the proxy answered by itself: without route, pool, session and attempts. */
export const unforwardedRecord = ({ request, ...known }: Unforwarded): RequestRecord => ({
  ...known,
  route: '',
  pool: '',
  method: request?.method ?? '',
  path: request?.path ?? '',
  httpVersion: request === undefined ? '' : `1.${request.minorVersion}`,
  resolution: undefined,
  attempts: 0,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 0,
  affinityMs: 0,
  upstreamMs: undefined,
});
