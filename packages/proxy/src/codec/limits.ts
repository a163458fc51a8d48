/** How much of a message head, or of a trailer section, is read before it is refused. */
export interface HeadLimits {
  /** Longest request target, in bytes; above it 414. Default 8 KiB. */
  readonly targetBytes: number;
  /** Largest field section, in bytes from its first field to its closing empty line; above it 431. Default 16 KiB. */
  readonly fieldBytes: number;
  /** Most field lines; above it 431. Default 100. */
  readonly fieldLines: number;
}

export const defaultHeadLimits: HeadLimits = { targetBytes: 8_192, fieldBytes: 16_384, fieldLines: 100 };
