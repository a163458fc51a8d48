import { randomFillSync } from 'node:crypto';

/** Randomness, as an argument: the only way that a decision learns of it. */
export interface Random {
  /** A number in [0, 1), for choices that nobody gains by guessing. */
  unit(): number;
  /** Bytes that nobody can guess, for session ids and nonces. */
  bytes(length: number): Buffer;
}

const POOL_BYTES = 4096;

/**
 * The machine's own randomness. Bytes are drawn from the operating system in blocks, because a call
 * for twelve bytes costs as much as one for four thousand.
 */
export function systemRandom(): Random {
  const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
  let used = POOL_BYTES;
  return {
    unit: () => Math.random(),
    bytes(length) {
      if (length > POOL_BYTES) return randomFillSync(Buffer.allocUnsafe(length));
      if (used + length > POOL_BYTES) {
        randomFillSync(pool);
        used = 0;
      }
      const bytes = Buffer.from(pool.subarray(used, used + length));
      pool.fill(0, used, used + length);
      used += length;
      return bytes;
    },
  };
}
