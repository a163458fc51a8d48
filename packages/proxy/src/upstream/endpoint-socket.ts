import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { directRead } from '../socket/direct-read.ts';
import { endpointAddressOf } from './endpoint-address.ts';
import { type EndpointTls, endpointTlsOptions } from './endpoint-tls.ts';

/** What becomes of a connection that is being opened. Its failure is an `error` of the socket. */
export interface EndpointSocketEvents {
  /** Bytes may be sent. */
  established(): void;
  /** A piece has arrived; a small one is only good until the call returns. */
  received(piece: Buffer): void;
}

/**
 * Opens a connection to an endpoint, with TLS where its origin is https.
 *
 * @param origin scheme, host and port
 */
export function openEndpointSocket(
  origin: string,
  tls: EndpointTls | undefined,
  events: EndpointSocketEvents,
): Socket {
  const { address: host, port } = endpointAddressOf(origin);
  const options = { host, port, noDelay: true, allowHalfOpen: true };
  const established = (): void => events.established();
  const received = (piece: Buffer): void => events.received(piece);
  if (!origin.startsWith('https:')) return connect({ ...options, onread: directRead(received) }, established);
  return connectTls({ ...options, ...endpointTlsOptions(host, tls) }, established)
    .on('data', received)
    .setNoDelay(true);
}
