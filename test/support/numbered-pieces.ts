const PIECE_BYTES = 64 * 1024;
const TEXT = Buffer.alloc(PIECE_BYTES, 'holdfast ');

/**
 * A body of so many bytes, always the same, in pieces of which no two are alike: one too few, too many or in another
 * place changes its hash.
 */
export function* numberedPieces(count: number): Generator<Buffer> {
  for (let sent = 0; sent < count; sent += PIECE_BYTES) {
    const piece = Buffer.from(TEXT);
    piece.writeUIntBE(sent, 0, 6);
    yield piece.subarray(0, Math.min(PIECE_BYTES, count - sent));
  }
}
