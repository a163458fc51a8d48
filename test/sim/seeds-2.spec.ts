import { describe } from 'vitest';
import { itKeepsItsPromises } from './seeds.ts';

describe('a simulated cluster, half 2 of the seeds', () => {
  itKeepsItsPromises(1, 2);
});
