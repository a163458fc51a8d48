import { HoldfastError, silentLogger } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { NodePhase } from '../admin/node-status.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { CurrentConfig } from './current-config.ts';
import { Lifecycle } from './lifecycle.ts';

/** A node whose parts only note what they are told to do. Its listeners close when the test says so. */
function setUp(settings: object = {}, probes = true) {
  const config = nodeConfig({ shutdown: { delay: '5s', deadline: '30s' }, admin: {}, ...settings });
  const clock = new ManualClock();
  const told: string[] = [];
  const note = (what: string) => async (): Promise<void> => void told.push(what);
  const closed = Promise.withResolvers<void>();
  const trouble: { atPrepare?: Error; atAdmin?: Error } = {};
  const status: { phase: NodePhase } = { phase: 'starting' };
  const lifecycle = new Lifecycle({
    current: new CurrentConfig(config, undefined, clock),
    clock,
    log: silentLogger,
    store: { guarded: { close: note('close store') } },
    listeners: {
      leave: note('leave'),
      close(deadlineMs, lingerMs) {
        const lingering = lingerMs === undefined ? '' : `, quiet connections within ${lingerMs}`;
        told.push(`close listeners within ${deadlineMs}${lingering}`);
        return closed.promise;
      },
      abort: note('abort'),
    },
    admin: {
      async open() {
        if (trouble.atAdmin !== undefined) throw trouble.atAdmin;
        told.push('open admin');
        return { host: '127.0.0.1', port: 9900 };
      },
      close: note('close admin'),
    },
    pools: { startProbes: note('start probes'), close: note('close pools') },
    cluster: { beat: (isBeating) => void told.push(`beat: ${isBeating}`), leave: note('leave cluster') },
    status,
    probes,
    prepare: async () => {
      if (trouble.atPrepare !== undefined) throw trouble.atPrepare;
      told.push('prepare');
      return { commit: note('commit'), discard: note('discard') };
    },
    reloader: { start: note('start reloader'), stop: note('stop reloader') },
  });
  const finish = (): Promise<void> => {
    closed.resolve();
    return settle();
  };
  return { clock, told, trouble, status, lifecycle, finish };
}

describe('a node that starts', () => {
  it('opens the admin listener first, so that it can be asked why it is not ready, and is ready last', async () => {
    const { told, lifecycle, status } = setUp();
    expect(await lifecycle.start()).toEqual({ host: '127.0.0.1', port: 9900 });
    expect(told).toEqual(['open admin', 'prepare', 'commit', 'start probes', 'start reloader']);
    expect(status.phase).toBe('serving');
  });

  it('fails with what could not be had, and leaves nothing open', async () => {
    const { told, trouble, lifecycle, status } = setUp();
    trouble.atPrepare = new HoldfastError('INTERNAL', 'listener "web" cannot listen on :80: address in use');
    await expect(lifecycle.start()).rejects.toThrow('listener "web" cannot listen on :80: address in use');
    expect(told).toEqual(['open admin', 'leave cluster', 'close store', 'close admin']);
    expect(status.phase).toBe('starting');
  });

  it('says which address the admin listener could not have', async () => {
    const { told, trouble, lifecycle } = setUp();
    trouble.atAdmin = new Error('address in use');
    await expect(lifecycle.start()).rejects.toThrow(
      'listener "admin" cannot listen on 127.0.0.1:9900: address in use',
    );
    expect(told).toEqual(['leave cluster', 'close store', 'close admin']);
  });
});

describe('a node that leaves', () => {
  it('is not ready at once, serves for the delay, then closes its listeners, then everything behind them', async () => {
    const { clock, told, lifecycle, status, finish } = setUp();
    await lifecycle.start();
    told.length = 0;
    const left = lifecycle.shutdown();
    expect(status.phase).toBe('leaving');
    await clock.advance(4_999);
    expect(told).toEqual(['stop reloader', 'leave']);
    await clock.advance(1);
    expect(told.slice(2)).toEqual(['close listeners within 30000']);
    await finish();
    await left;
    expect(told.slice(3)).toEqual(['close pools', 'leave cluster', 'close store', 'close admin']);
  });

  it('serves on where it is told to leave, and says for how long it may still be found', async () => {
    const { clock, told, lifecycle, status } = setUp();
    await lifecycle.start();
    told.length = 0;
    expect([lifecycle.leave(), status.phase]).toEqual([5_000, 'leaving']);
    await clock.advance(2_000);
    expect(lifecycle.leave()).toBe(3_000);
    await clock.advance(60_000);
    expect(lifecycle.leave()).toBe(0);
    expect(told).toEqual(['stop reloader', 'leave']);
  });

  it('does not wait again for what it has waited for since it was told to leave', async () => {
    const { clock, told, lifecycle } = setUp();
    await lifecycle.start();
    lifecycle.leave();
    await clock.advance(4_000);
    void lifecycle.shutdown();
    await clock.advance(999);
    expect(told).not.toContain('close listeners within 30000');
    await clock.advance(1);
    expect(told).toContain('close listeners within 30000');
    expect(told.filter((what) => what === 'leave')).toHaveLength(1);
  });

  it('cannot leave before it serves', async () => {
    const { told, lifecycle, status } = setUp();
    expect([lifecycle.leave(), status.phase]).toEqual([undefined, 'starting']);
    await lifecycle.start();
    expect([told.includes('leave'), status.phase]).toEqual([false, 'serving']);
  });

  it('does so once, however often it is told to', async () => {
    const { clock, told, lifecycle, finish } = setUp({ shutdown: { delay: '0s' } });
    await lifecycle.start();
    const both = [lifecycle.shutdown(), lifecycle.shutdown()];
    await clock.advance(0);
    await finish();
    await Promise.all(both);
    expect(told.filter((what) => what.startsWith('close listeners'))).toHaveLength(1);
  });

  it('ends every connection where it is told to abort', async () => {
    const { told, lifecycle } = setUp();
    await lifecycle.start();
    lifecycle.abort();
    expect(told).toContain('abort');
  });
});

describe('a process that is one of several of its node', () => {
  it('does not probe from its start: one of them will be told to', async () => {
    const { told, lifecycle } = setUp({}, false);
    await lifecycle.start();
    expect(told).not.toContain('start probes');
  });

  it('hands over without a delay, and keeps quiet connections: a request may be on its way on each', async () => {
    const { told, lifecycle, status, finish } = setUp();
    await lifecycle.start();
    told.length = 0;
    const left = lifecycle.handOver();
    expect(status.phase).toBe('leaving');
    expect(told).toEqual([
      'beat: false',
      'stop reloader',
      'close listeners within 30000, quiet connections within 30000',
    ]);
    await finish();
    await left;
    expect(told.slice(3)).toEqual(['close pools', 'leave cluster', 'close store', 'close admin']);
  });

  it('waits for quiet connections no longer when the node shuts down meanwhile', async () => {
    const { told, lifecycle, finish } = setUp();
    await lifecycle.start();
    const left = [lifecycle.handOver(), lifecycle.shutdown()];
    expect(told.at(-1)).toBe('close listeners within 30000');
    await finish();
    await Promise.all(left);
    expect(told.filter((what) => what === 'close pools')).toHaveLength(1);
  });
});
