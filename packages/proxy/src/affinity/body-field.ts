/** How far into a body a field is looked for. */
const PREFIX_BYTES_MAX = 4096;

/** What has been seen of a body so far. */
export type BodyFieldFinding =
  | { readonly kind: 'found'; readonly value: string }
  | { readonly kind: 'undecided' }
  | { readonly kind: 'absent' };

const UNDECIDED: BodyFieldFinding = { kind: 'undecided' };
const ABSENT: BodyFieldFinding = { kind: 'absent' };

/**
 * Looks for a JSON field of text in the first 4 KiB of a body. It need not be all JSON: Socket.IO sends its handshake as
 * `0{"sid":"..."}`. The first field of the name counts, however deep in the document it stands.
 */
export class BodyField {
  readonly #pattern: RegExp;
  #prefix = Buffer.alloc(0);

  /** @param name letters, digits, `.`, `_`, `$` and `-` */
  constructor(name: string) {
    const escaped = name.replaceAll(/[.$-]/g, '\\$&');
    this.#pattern = new RegExp(`"${escaped}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`);
  }

  /** Takes the next piece of the body. */
  feed(piece: Buffer): BodyFieldFinding {
    this.#prefix = Buffer.concat([this.#prefix, piece.subarray(0, PREFIX_BYTES_MAX - this.#prefix.length)]);
    const literal = this.#pattern.exec(this.#prefix.toString())?.[1];
    if (literal !== undefined) return valueIn(literal);
    return this.#prefix.length < PREFIX_BYTES_MAX ? UNDECIDED : ABSENT;
  }
}

function valueIn(literal: string): BodyFieldFinding {
  try {
    return { kind: 'found', value: JSON.parse(literal) as string };
  } catch {
    return ABSENT;
  }
}
