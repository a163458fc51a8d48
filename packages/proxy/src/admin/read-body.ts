const BODY_BYTES_MAX = 64 * 1024;

/** The body of a request to the admin listener; undefined where it is longer than anything sensible. */
export async function readBody({ body }: Request): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > BODY_BYTES_MAX) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
