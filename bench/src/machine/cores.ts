import { availableParallelism, platform } from 'node:os';
import { BenchError } from '../bench-error.ts';

/** Lists of cores as `taskset --cpu-list` reads them. */
export interface Cores {
  /** The one core of the proxy under test. Nothing else of the bench runs there. */
  readonly proxy: string;
  /** Where the load generator, the endpoints and Redis run: all the other cores. */
  readonly rest: string;
}

/** Divides the machine. Throws a {@link BenchError} where the proxy cannot have a core of its own. */
export function divideCores(): Cores {
  if (platform() !== 'linux')
    throw new BenchError('the bench pins processes to cores and reads /proc: it needs Linux');
  const count = availableParallelism();
  if (count < 2)
    throw new BenchError('the bench needs two cores: one for the proxy, one for everything else');
  return { proxy: '0', rest: count === 2 ? '1' : `1-${count - 1}` };
}
