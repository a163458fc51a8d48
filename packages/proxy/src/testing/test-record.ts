import type { RequestRecord } from '../forward/request-record.ts';

/** The record of an ordinary request, with whatever a test changes in it. */
export const testRecord = (changes: Partial<RequestRecord> = {}): RequestRecord => ({
  listener: 'web',
  route: 'shop.example/',
  pool: 'shop',
  method: 'GET',
  path: '/cart',
  httpVersion: '1.1',
  requestId: 'request-1',
  clientAddress: '192.0.2.7',
  isSecure: false,
  trace: undefined,
  status: 200,
  error: undefined,
  resolution: undefined,
  attempts: 1,
  bytesIn: 0,
  bytesOut: 12,
  durationMs: 3,
  affinityMs: 0,
  upstreamMs: 2,
  ...changes,
});
