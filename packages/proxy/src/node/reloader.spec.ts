import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { LogBook } from '../testing/log-book.ts';
import type { ConfigChanges } from './config-changes.ts';
import { noSource } from './config-source.ts';
import type { ReloadReport } from './current-config.ts';
import type { Preparation } from './node-reload.ts';
import { Reloader } from './reloader.ts';

const none = { added: [], removed: [], changed: [] };
const changes: ConfigChanges = {
  listeners: none,
  pools: none,
  endpoints: { ...none, added: ['shop/b', 'shop/c'] },
  settings: [],
};

/** A reloader whose preparations the test ends. */
function setUp(text: string | Error = 'second') {
  const clock = new ManualClock(0);
  const log = new LogBook();
  const told: string[] = [];
  const current: { lastReload: ReloadReport | undefined } = { lastReload: undefined };
  const waiting: ((preparation: Preparation) => void)[] = [];
  const source = {
    ...noSource,
    text: 'first',
    read: async () => {
      if (text instanceof Error) throw text;
      return text;
    },
    unreadable: (error: unknown) => `cannot be read: ${String(error)}`,
  };
  const prepare = (read: string): Promise<Preparation> => {
    told.push(`prepare ${read}`);
    return new Promise((resolve) => waiting.push(resolve));
  };
  const prepared: Preparation = {
    kind: 'prepared',
    changes,
    commit: () => void told.push('commit'),
    discard: async () => void told.push('discard'),
  };
  const reloader = new Reloader({ source, current, prepare, clock, log });
  const finish = async (preparation: Preparation = prepared): Promise<void> => {
    await settle();
    waiting.shift()?.(preparation);
  };
  return { clock, log, told, current, reloader, finish };
}

describe('a reload', () => {
  it('takes what was prepared, and tells of it', async () => {
    const { log, told, current, reloader, finish } = setUp();
    const reload = reloader.reload('signal');
    await finish();
    const report = { outcome: 'applied', changes, trigger: 'signal', atMs: 0 };
    expect(await reload).toEqual(report);
    expect(current.lastReload).toEqual(report);
    expect(told).toEqual(['prepare second', 'commit']);
    expect(log.entries).toEqual([
      {
        level: 'info',
        message: 'configuration reloaded',
        fields: { trigger: 'signal', endpoints_added: 'shop/b, shop/c' },
      },
    ]);
  });

  it('that is refused says why, and commits nothing', async () => {
    const { log, told, reloader, finish } = setUp();
    const reload = reloader.reload('admin');
    await finish({ kind: 'refused', cause: 'configuration', problems: ['x:1:1: wrong', 'x:2:1: wrong too'] });
    expect(await reload).toMatchObject({ outcome: 'refused', cause: 'configuration' });
    expect(told).toEqual(['prepare second']);
    expect(log.entries[0]).toMatchObject({
      level: 'error',
      fields: { trigger: 'admin', problems: 'x:1:1: wrong\nx:2:1: wrong too' },
    });
  });

  it('is refused where the file cannot be read', async () => {
    const { reloader } = setUp(new Error('ENOENT'));
    expect(await reloader.reload('signal')).toMatchObject({
      outcome: 'refused',
      cause: 'configuration',
      problems: ['cannot be read: Error: ENOENT'],
    });
  });

  it('that meets a defect is refused like any other, and the next one gets its turn', async () => {
    const { told, reloader, finish } = setUp();
    const broken = reloader.reload('file');
    const commit = (): void => {
      throw new TypeError('a defect');
    };
    await finish({ kind: 'prepared', changes, commit, discard: async () => {} });
    expect(await broken).toMatchObject({ outcome: 'refused', problems: ['unexpected: a defect'] });
    const next = reloader.reload('file');
    await finish();
    expect(await next).toMatchObject({ outcome: 'applied' });
    expect(told).toEqual(['prepare second', 'prepare second', 'commit']);
  });

  it('begins when the one before is over', async () => {
    const { told, reloader, finish } = setUp();
    const both = [reloader.reload('signal'), reloader.reload('admin')];
    await settle();
    expect(told).toEqual(['prepare second']);
    await finish();
    await finish();
    await Promise.all(both);
    expect(told).toEqual(['prepare second', 'commit', 'prepare second', 'commit']);
  });

  it('of a node that has begun to leave meanwhile changes nothing', async () => {
    const { told, reloader, finish } = setUp();
    const reload = reloader.reload('signal');
    await settle();
    reloader.stop();
    await finish();
    expect(await reload).toMatchObject({ outcome: 'refused', problems: ['the node is leaving'] });
    expect(await reloader.reload('signal')).toMatchObject({ outcome: 'refused' });
    expect(told).toEqual(['prepare second', 'discard']);
  });

  it('follows a file that changes by itself, once', async () => {
    const { clock, told, reloader, finish } = setUp();
    reloader.start();
    await clock.advance(2_000);
    await finish();
    await settle();
    await clock.advance(10_000);
    expect(told).toEqual(['prepare second', 'commit']);
    reloader.stop();
  });
});
