import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/** Above this, a piece is passed on as it is; up to it, it is copied into whatever goes out with it. */
export const SMALL_PIECE_BYTES = 4 * 1024;

const READ_BYTES = 64 * 1024;

/** What small pieces of all sockets are read into, one after the other. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/** Buffers of sockets that have gone back to small pieces. */
const spare: Buffer[] = [];
const SPARE_MAX = 64;

/** The memory of the large piece that is being handed over, and what has become of it so far. */
let handedOver: ArrayBufferLike | undefined;
let isKept = false;
let isPassedOn = false;
/** How many parts of it are to be sent and have not been. */
let unsent = 0;

/** For who needs a piece after the call that brought it: a copy of a small one, else the piece, which stays as it is. */
export function keepPiece(piece: Buffer): Buffer {
  if (piece.length <= SMALL_PIECE_BYTES) return Buffer.from(piece);
  isKept = true;
  return piece;
}

/** Tells that the bytes are where they were to go: if they are all that is wanted of a piece, its buffer is used again. */
export function passOnPiece(bytes: Buffer): void {
  if (bytes.buffer === handedOver) isPassedOn = true;
}

/** Tells that the bytes will be sent, and must stay as they are until {@link sentPiece}. */
export function queuePiece(bytes: Buffer): void {
  if (bytes.buffer === handedOver) unsent++;
}

/** Tells that bytes which were queued have gone. */
export function sentPiece(bytes: Buffer): void {
  if (bytes.buffer !== handedOver) return;
  unsent--;
  isPassedOn = true;
}

/**
 * Reads a socket without streams: each piece is handed over as it comes from the kernel, in a buffer that all sockets
 * share. Node's way makes a buffer of 64 KiB and a stream event of each piece, which costs a proxy a fifth of its time
 * (docs/adr/0008-direct-reads.md).
 *
 * A piece of up to {@link SMALL_PIECE_BYTES} is only good until `onPiece` returns. A larger one stays as it is: a socket
 * has a buffer of its own while it carries large pieces, and gives it away with a piece unless that was passed on at once.
 */
export function directRead(onPiece: (piece: Buffer) => void): OnReadOpts {
  let own: Buffer | undefined;
  let current: Buffer | undefined;
  return {
    buffer: () => {
      const next = own ?? shared;
      // Node takes nothing for the buffer that it has; to take the same one anew costs it a look at its memory.
      if (next === current) return undefined as unknown as Buffer;
      current = next;
      return next;
    },
    callback(length, bytes) {
      const piece = (bytes as Buffer).subarray(0, length);
      if (length <= SMALL_PIECE_BYTES) {
        if (own !== undefined && spare.length < SPARE_MAX) spare.push(own);
        own = undefined;
        onPiece(piece);
        return true;
      }
      own ??= moved(piece);
      handedOver = own.buffer;
      isKept = false;
      isPassedOn = false;
      unsent = 0;
      onPiece(own.subarray(0, length));
      if (isKept || !isPassedOn || unsent > 0) own = takeBuffer();
      return true;
    },
  };
}

const takeBuffer = (): Buffer => spare.pop() ?? Buffer.allocUnsafeSlow(READ_BYTES);

/** The piece in a buffer that is as large as any read. */
function moved(piece: Buffer): Buffer {
  const buffer = takeBuffer();
  piece.copy(buffer);
  return buffer;
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
    const { _handle: handle } = inner;
    super({ handle, allowHalfOpen: true, pauseOnCreate: true, onread } as SocketConstructorOpts);
    inner._handle = null;
  }
}

/** Hands over what the socket reads from now on, piece by piece: directly where it can be, else as a stream does. */
export function receivePieces(socket: Socket, onPiece: (piece: Buffer) => void): void {
  if (socket instanceof DirectSocket) socket.onPiece = onPiece;
  else socket.on('data', onPiece);
  socket.resume();
}
