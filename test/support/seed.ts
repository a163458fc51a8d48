import { randomInt } from 'node:crypto';
import type { Random } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';

/**
 * Randomness for a test, another in every run. Its seed is printed, so that a failed run can be had again with
 * `HOLDFAST_TEST_SEED`.
 */
export function testRandom(title: string): Random {
  const seed = Number(process.env.HOLDFAST_TEST_SEED ?? randomInt(2 ** 31));
  process.stderr.write(`${title}: HOLDFAST_TEST_SEED=${seed}\n`);
  return seededRandom(seed);
}

/** One of several, each as likely. */
export const pick = <T>(random: Random, among: readonly T[]): T =>
  among[Math.floor(random.unit() * among.length)] as T;
