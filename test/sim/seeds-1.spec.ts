import { describe } from 'vitest';
import { itKeepsItsPromises } from './seeds.ts';

describe('a simulated cluster, half 1 of the seeds', () => {
  itKeepsItsPromises(0, 2);
});
