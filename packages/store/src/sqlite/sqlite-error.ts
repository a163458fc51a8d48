import { HoldfastError } from '@holdfast/shared';

/** Primary result codes of SQLite (sqlite.org/rescode.html); the low byte of an extended one. */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** Whether another process holds the lock, so that trying again in a moment can help. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/**
 * SQLite's vocabulary in ours. A file that cannot be read is `STORE_CORRUPT_VALUE`; a busy, full, read-only or
 * vanished one may come back and is `STORE_UNAVAILABLE`.
 */
export function sqliteError(thrown: unknown, what: string): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  const message = `${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  const code = resultCode(thrown);
  if (code === CORRUPT || code === NOT_A_DATABASE)
    return new HoldfastError('STORE_CORRUPT_VALUE', message, thrown);
  return new HoldfastError('STORE_UNAVAILABLE', message, thrown);
}
