import { describe, expect, it } from 'vitest';
import { parseCoreTime, parseProcessStat, readTreeCpu, treeOf } from './cpu.ts';

describe('/proc/<pid>/stat', () => {
  it('is read behind a process name with spaces and parentheses', () => {
    const line = '42 (tricky) 1 (x) S 7 42 42 0 -1 4194560 100 0 0 0 250 130 9 9 20 0 4 0 1000 0 0';

    expect(parseProcessStat(line)).toEqual({ pid: 42, parentPid: 7, userMs: 2_500, systemMs: 1_300 });
  });

  it('tells of the process that reads it', () => {
    const { userMs, systemMs } = readTreeCpu(process.pid);

    expect(userMs + systemMs).toBeGreaterThan(0);
  });
});

describe('a process tree', () => {
  const stat = (parentPid: number) => ({ pid: 0, parentPid, userMs: 0, systemMs: 0 });

  it('has the children of children and no strangers', () => {
    const [root, child, grandchild, stranger] = [stat(1), stat(10), stat(11), stat(1)];
    const stats = new Map(
      Object.entries({ 10: root, 11: child, 12: grandchild, 13: stranger }).map(([pid, s]) => [
        Number(pid),
        s,
      ]),
    );

    expect(treeOf(10, stats)).toEqual([root, child, grandchild]);
  });

  it('is empty when its root has ended', () => {
    expect(treeOf(10, new Map([[11, stat(10)]]))).toEqual([]);
  });
});

describe('/proc/stat', () => {
  const text = [
    'cpu  999 0 999 999 0 0 0 0 0 0',
    'cpu0 100 0 50 800 20 1 9 20 70 0',
    'cpu1 10 0 0 90 0 0 0 0 0 0',
    'cpu10 1 0 0 0 0 0 0 0 0 0',
    'intr 1 2 3',
  ].join('\n');

  it('counts waiting for a disk as idle, stolen time as busy, and guests once', () => {
    expect(parseCoreTime(text, '0')).toEqual({ busyMs: 1_800, totalMs: 10_000 });
  });

  it('adds up the cores of a list, without those whose number merely begins alike', () => {
    expect(parseCoreTime(text, '1')).toEqual({ busyMs: 100, totalMs: 1_000 });
    expect(parseCoreTime(text, '1-10')).toEqual({ busyMs: 110, totalMs: 1_010 });
  });
});
