import type { ErrorCode } from '@holdfast/shared';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import type { ConnectionRecord } from './connection-record.ts';

/** The record of a client that never came to a pool. */
export const refusedRecord = (
  known: Pick<ConnectionRecord, 'protocol' | 'listener' | 'serverName'>,
  client: TransportAddress,
  error: ErrorCode,
): ConnectionRecord => ({
  ...known,
  pool: '',
  clientAddress: client.address,
  clientPort: client.port,
  trace: undefined,
  end: 'refused',
  error,
  resolution: undefined,
  attempts: 0,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 0,
  affinityMs: 0,
  connectMs: undefined,
});
