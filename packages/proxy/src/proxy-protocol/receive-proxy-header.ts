import type { Socket } from 'node:net';
import type { ProxyHeader } from './proxy-header.ts';
import { readProxyHeader } from './read-proxy-header.ts';

/** Told what a connection began with: one of the two, once. */
export interface ProxyHeaderEvents {
  /** The socket stands still, and what follows the header is still to be read from it. */
  received(header: ProxyHeader): void;
  /** @param reason why there will be no header, for the log */
  failed(reason: string): void;
}

/** Reads the PROXY protocol header that a connection begins with, and not a byte more. */
export function receiveProxyHeader(socket: Socket, events: ProxyHeaderEvents): void {
  let bytes: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    socket.off('data', onData);
    socket.off('end', onEnd);
    socket.pause();
  };
  const onData = (piece: Buffer): void => {
    bytes = bytes.length === 0 ? piece : Buffer.concat([bytes, piece]);
    const reading = readProxyHeader(bytes);
    if (reading.kind === 'partial') return;
    stop();
    if (reading.kind === 'rejected') return events.failed(reading.reason);
    if (reading.length < bytes.length) socket.unshift(bytes.subarray(reading.length));
    events.received(reading.header);
  };
  const onEnd = (): void => {
    stop();
    events.failed('ended before its PROXY protocol header was complete');
  };
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.resume();
}
