import { systemRandom } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { requestIds } from './request-ids.ts';

describe('request ids', () => {
  it('are never given twice by one process', () => {
    const newId = requestIds(seededRandom(1));
    const ids = Array.from({ length: 5_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are not given by two processes', () => {
    const random = systemRandom();
    const [one, two] = [requestIds(random), requestIds(random)];
    const ids = Array.from({ length: 1_000 }, () => [one(), two()]).flat();
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('fit a header and a log line', () => {
    const newId = requestIds(systemRandom());
    for (let count = 0; count < 100; count++) expect(newId()).toMatch(/^[0-9a-f]{16}-[0-9a-z]+$/);
  });

  it('cost no look at the random source', () => {
    let draws = 0;
    const random = seededRandom(1);
    const newId = requestIds({
      ...random,
      bytes(length) {
        draws++;
        return random.bytes(length);
      },
    });
    for (let count = 0; count < 100; count++) newId();
    expect(draws).toBe(1);
  });
});
