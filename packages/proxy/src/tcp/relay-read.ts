import type { OnReadOpts } from 'node:net';
import { SMALL_PIECE_BYTES } from '../socket/direct-read.ts';

const READ_BYTES = 64 * 1024;
/** What sockets are read into that carry small pieces, one after the other. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * Reads a socket whose bytes go on to another one as they are. Small pieces come as copies, because all sockets share
 * what they were read into. A socket that carries large ones has one buffer of its own, which is read into again and
 * again: whoever still needs such a piece when `onPiece` returns must have paused the socket by then.
 */
export function relayRead(onPiece: (piece: Buffer) => void): OnReadOpts {
  let own: Buffer | undefined;
  return {
    buffer: () => own ?? shared,
    callback(length, bytes) {
      const piece = (bytes as Buffer).subarray(0, length);
      const isOwn = own !== undefined;
      if (length <= SMALL_PIECE_BYTES) own = undefined;
      else own ??= Buffer.allocUnsafeSlow(READ_BYTES);
      onPiece(isOwn && own !== undefined ? piece : Buffer.from(piece));
      return true;
    },
  };
}
