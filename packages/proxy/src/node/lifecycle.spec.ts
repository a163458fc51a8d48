import { silentLogger } from '@holdfast/shared';
import type { ListenAddress } from '@holdfast/shared/config';
import { ManualClock, seededRandom, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { AdminListener } from '../admin/admin-listener.ts';
import { NodeStatus } from '../admin/node-status.ts';
import type { Listener } from '../listener/listener.ts';
import type { Prober } from '../probe/prober.ts';
import { RequestCounters } from '../record/request-counters.ts';
import { nodeConfig } from '../testing/node-config.ts';
import type { ServedPool } from './build-pools.ts';
import { Lifecycle, type LifecycleParts } from './lifecycle.ts';
import { openStore } from './open-store.ts';

/** A listener that notes what it is told to do, and closes when the test says so. */
class TestListener implements Listener {
  readonly name: string;
  openConnections = 0;
  readonly #told: string[];
  #closed: () => void = () => {};
  refusal: Error | undefined;

  constructor(name: string, told: string[]) {
    this.name = name;
    this.#told = told;
  }

  async open(): Promise<ListenAddress> {
    if (this.refusal !== undefined) throw this.refusal;
    this.#told.push(`open ${this.name}`);
    return { host: '127.0.0.1', port: 1 };
  }

  leave(): void {
    this.#told.push(`leave ${this.name}`);
  }

  close(deadlineMs: number): Promise<void> {
    this.#told.push(`close ${this.name} within ${deadlineMs}`);
    if (deadlineMs === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closed = resolve;
    });
  }

  abort(): void {
    this.#told.push(`abort ${this.name}`);
  }

  finish(): Promise<void> {
    this.#closed();
    return settle();
  }
}

/** A node whose parts only note what they are told to do. */
async function setUp(settings: object = {}) {
  const config = nodeConfig({ shutdown: { delay: '5s', deadline: '30s' }, admin: {}, ...settings });
  const clock = new ManualClock();
  const told: string[] = [];
  const listener = new TestListener('web', told);
  const noting = (name: string, ...methods: readonly string[]): unknown =>
    Object.fromEntries(methods.map((method) => [method, async () => void told.push(`${method} ${name}`)]));
  const store = await openStore(config, clock, seededRandom(1), silentLogger);
  const counters = new RequestCounters();
  const node = 'node-1' as LifecycleParts['status']['report'] extends () => { node: infer Node }
    ? Node
    : never;
  const status = new NodeStatus({ config, node, store, listeners: [listener], pools: [], counters, clock });
  const lifecycle = new Lifecycle({
    config,
    clock,
    log: silentLogger,
    store: { ...store, guarded: { ...store.guarded, close: async () => void told.push('close store') } },
    listeners: [listener],
    admin: noting('admin', 'open', 'close') as AdminListener,
    pools: [noting('pool', 'close') as ServedPool],
    probers: [noting('prober', 'start', 'stop') as Prober],
    status,
  });
  return { clock, told, listener, status, lifecycle };
}

describe('a node that starts', () => {
  it('opens the admin listener first, so that it can be asked why it is not ready, and is ready last', async () => {
    const { told, lifecycle, status } = await setUp();
    expect(status.readiness().ready).toBe(false);
    const addresses = await lifecycle.start();
    expect(told).toEqual(['open admin', 'open web', 'start prober']);
    expect(status.readiness().ready).toBe(true);
    expect(addresses.listeners.get('web')).toEqual({ host: '127.0.0.1', port: 1 });
  });

  it('says which listener could not have which address, and leaves nothing open', async () => {
    const { told, listener, lifecycle, status } = await setUp();
    listener.refusal = Object.assign(new Error('address in use'), { code: 'EADDRINUSE' });
    await expect(lifecycle.start()).rejects.toThrow(
      'listener "web" cannot listen on 127.0.0.1:0: address in use',
    );
    expect(told).toContain('close web within 0');
    expect(told).toContain('close store');
    expect(status.readiness().ready).toBe(false);
  });
});

describe('a node that leaves', () => {
  it('is not ready at once, serves for the delay, then closes its listeners, then everything behind them', async () => {
    const { clock, told, listener, lifecycle, status } = await setUp();
    await lifecycle.start();
    told.length = 0;
    const left = lifecycle.shutdown();
    expect(status.readiness()).toEqual({ ready: false, reasons: ['the node is leaving'] });
    await clock.advance(4_999);
    expect(told).toEqual(['leave web']);
    await clock.advance(1);
    expect(told).toEqual(['leave web', 'close web within 30000']);
    await listener.finish();
    await left;
    expect(told.slice(2)).toEqual(['stop prober', 'close pool', 'close store', 'close admin']);
  });

  it('does so once, however often it is told to', async () => {
    const { clock, told, listener, lifecycle } = await setUp({ shutdown: { delay: '0s' } });
    await lifecycle.start();
    const both = [lifecycle.shutdown(), lifecycle.shutdown()];
    await clock.advance(0);
    await listener.finish();
    await Promise.all(both);
    expect(told.filter((what) => what.startsWith('close web'))).toHaveLength(1);
  });

  it('ends every connection where it is told to abort', async () => {
    const { told, lifecycle } = await setUp();
    await lifecycle.start();
    lifecycle.abort();
    expect(told).toContain('abort web');
  });
});
