import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Above this, a piece is passed on as it is; up to it, it is copied into whatever goes out with it. */
export const SMALL_PIECE_BYTES = 16 * 1024;

const READ_BYTES = 64 * 1024;

/** What small pieces of all sockets are read into, one after the other. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Reads a socket without streams: each piece is handed over as it comes from the kernel, in a buffer that all sockets
 * share. Node's way makes a buffer of 64 KiB and a stream event of each piece, which costs a proxy a fifth of its time
 * (docs/adr/0008-direct-reads.md).
 *
 * A piece of up to {@link SMALL_PIECE_BYTES} is only good until `onPiece` returns. A larger one stays as it is: a socket
 * that carries large pieces gets buffers of its own and gives each away with its piece.
 */
export function directRead(onPiece: (piece: Buffer) => void): OnReadOpts {
  let own: Buffer | undefined;
  return {
    buffer: () => own ?? shared,
    callback(length, bytes) {
      const piece = (bytes as Buffer).subarray(0, length);
      if (length <= SMALL_PIECE_BYTES) onPiece(piece);
      else {
        const isShared = own === undefined;
        own = Buffer.allocUnsafeSlow(READ_BYTES);
        onPiece(isShared ? Buffer.from(piece) : piece);
      }
      return true;
    },
  };
}

/** What Node keeps inside a socket; there is no other way to read an accepted connection directly. */
interface WithHandle {
  _handle: object | null;
}

const ignore = (): void => {};

/**
 * An accepted connection that is read directly, from when it is given to {@link receivePieces}. The server must accept
 * with `pauseOnConnect`, so that nothing has been read before. It no longer counts the connection among its own.
 */
export class DirectSocket extends Socket {
  onPiece: (piece: Buffer) => void = ignore;

  constructor(accepted: Socket) {
    const inner = accepted as unknown as WithHandle;
    const onread = directRead((piece) => this.onPiece(piece));
    super({
      handle: inner._handle,
      allowHalfOpen: true,
      pauseOnCreate: true,
      onread,
    } as SocketConstructorOpts);
    inner._handle = null;
  }
}

/** Hands over what the socket reads from now on, piece by piece: directly where it can be, else as a stream does. */
export function receivePieces(socket: Socket, onPiece: (piece: Buffer) => void): void {
  if (socket instanceof DirectSocket) socket.onPiece = onPiece;
  else socket.on('data', onPiece);
  socket.resume();
}
