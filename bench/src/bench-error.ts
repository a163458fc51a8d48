/** A run that cannot start or go on, in words for the person who started it. Shown without a stack. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}
