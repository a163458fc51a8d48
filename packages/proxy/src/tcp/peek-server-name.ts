import type { Socket } from 'node:net';
import { DirectSocket } from '../socket/direct-read.ts';
import { readServerName } from './client-hello.ts';

/** Told what a connection begins with: one of the two, once. */
export interface PeekEvents {
  /** The socket stands still. @param bytes all that has been read of it, which the endpoint is still to get */
  known(serverName: string | undefined, bytes: Buffer): void;
  /** @param reason for the log */
  failed(reason: string): void;
}

/** Reads on until it is clear which name a TLS client asks for. Nothing is answered. */
export function peekServerName(socket: Socket, events: PeekEvents): void {
  let bytes: Buffer = Buffer.alloc(0);
  const stop = (): void => {
    socket.off('data', onPiece);
    socket.off('end', onEnd);
    if (socket instanceof DirectSocket) socket.onPiece = () => {};
    socket.pause();
  };
  const onPiece = (piece: Buffer): void => {
    bytes = Buffer.concat([bytes, piece]);
    const reading = readServerName(bytes);
    if (reading.kind === 'partial') return;
    stop();
    if (reading.kind === 'rejected') events.failed(reading.reason);
    else events.known(reading.serverName, bytes);
  };
  const onEnd = (): void => {
    stop();
    events.failed('ended before its ClientHello was complete');
  };
  socket.on('end', onEnd);
  if (socket instanceof DirectSocket) socket.onPiece = onPiece;
  else socket.on('data', onPiece);
  socket.resume();
}
