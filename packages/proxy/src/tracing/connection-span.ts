import type { ConnectionRecord } from '../layer4/connection-record.ts';
import { addAffinity } from './affinity-attributes.ts';
import type { SpanAttributes, SpanContent } from './span.ts';

/** What the span of a connection of TCP or a flow of UDP says: one for the whole of it, as it has no requests. */
export function connectionSpan(record: ConnectionRecord): SpanContent {
  const { protocol, pool, serverName, error, end } = record;
  const attributes: SpanAttributes = {
    'network.transport': protocol,
    'client.address': record.clientAddress,
    'client.port': record.clientPort,
    'holdfast.listener': record.listener,
    'holdfast.connection.end': end,
    'holdfast.connection.attempts': record.attempts,
    'holdfast.connection.bytes_in': record.bytesIn,
    'holdfast.connection.bytes_out': record.bytesOut,
  };
  if (serverName !== undefined) attributes['server.address'] = serverName;
  if (pool !== '') attributes['holdfast.pool'] = pool;
  addAffinity(attributes, record.resolution);
  const failure = error ?? (end === 'endpoint-reset' ? 'UPSTREAM_RESET' : undefined);
  if (failure !== undefined) attributes['error.type'] = failure;
  return { kind: 'server', name: `${protocol}.session`, attributes, isError: failure !== undefined };
}
