import { describe, expect, it } from 'vitest';
import { parsePss, readTreeMemory } from './memory.ts';

describe('/proc/<pid>/smaps_rollup', () => {
  it('gives the proportional set size, not one of its parts', () => {
    const rollup = 'Rss:  9000 kB\nPss_Dirty:  100 kB\nPss:   7000 kB\nPss_Anon:  200 kB\n';

    expect(parsePss(rollup)).toBe(7_000 * 1_024);
  });

  it('shows memory that the process has taken', () => {
    const before = readTreeMemory(process.pid);
    const taken = Buffer.alloc(64 * 1_024 * 1_024, 1);

    expect(readTreeMemory(process.pid) - before).toBeGreaterThan(taken.length / 2);
  });
});
