import { settle } from '@holdfast/shared/testing';
import { memberOf } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdminEvent, API } from './api.ts';
import { AdminWorld } from './testing/admin-world.ts';

let world: AdminWorld;
const watchers: Watcher[] = [];
beforeEach(() => {
  world = new AdminWorld();
});
afterEach(async () => {
  for (const watcher of watchers.splice(0)) await watcher.stop();
});

/** Somebody who watches, and what has been said. */
class Watcher {
  text = '';
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    void this.#read();
  }

  /** The events that have come within the next second. */
  async events(): Promise<readonly AdminEvent[]> {
    for (let step = 0; step < 4; step++) {
      await world.clock.advance(250);
      for (let turn = 0; turn < 5; turn++) await settle();
    }
    const blocks = this.text.split('\n\n').filter((block) => !block.includes('event: watching'));
    return blocks.flatMap((block) => {
      const [, data] = /^data: (.*)$/m.exec(block) ?? [];
      return data === undefined ? [] : [API.watchEvents.answer.parse(JSON.parse(data)) as AdminEvent];
    });
  }

  get lastId(): string {
    return [...this.text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';
  }

  async stop(): Promise<void> {
    await this.#reader.cancel();
    await world.clock.advance(250);
  }

  async #read(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.text += Buffer.from(value).toString();
    }
  }
}

async function watch(headers: Readonly<Record<string, string>> = {}): Promise<Watcher> {
  const response = await world.app.request('/events', { headers });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const watcher = new Watcher(response.body as ReadableStream<Uint8Array>);
  watchers.push(watcher);
  await settle();
  return watcher;
}

describe('the events of the admin API', () => {
  it('tell of rebalances that begin and end', async () => {
    const expiresAtMs = world.clock.now() + 300_000;
    for (let number = 1; number <= 3; number++) await world.pin(number, 'a', { expiresAtMs });
    const watcher = await watch();
    await world.ask('POST /pools/shop/rebalance', { tolerance: '0%' });
    const rebalances = (await watcher.events()).filter(({ type }) => type.startsWith('rebalance'));
    expect(rebalances).toMatchObject([
      { type: 'rebalance-started', pool: 'shop', state: 'running', moved: 0 },
      { type: 'rebalance-finished', pool: 'shop', state: 'balanced', moved: 2 },
    ]);
  });

  it('tell of sessions that any node moves, with their new place, and of those that are forgotten', async () => {
    const key = await world.pin(1, 'a');
    const watcher = await watch();
    expect(await watcher.events()).toEqual([]);
    await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' });
    expect(await watcher.events()).toMatchObject([
      { type: 'session-moved', key, version: 2, endpoint: 'shop/b' },
    ]);
    await world.ask(`DELETE /sessions/${key}`);
    expect((await watcher.events()).slice(1)).toMatchObject([{ type: 'session-forgotten', key }]);
  });

  it('tell of endpoints that drain, go down, come back and are removed', async () => {
    const watcher = await watch();
    await world.ask('PUT /endpoints/shop/a/drain');
    expect(await watcher.events()).toMatchObject([
      { type: 'endpoint-changed', endpoint: 'shop/a', standing: 'draining' },
    ]);
    world.node.takeDown('shop/b');
    await watcher.events();
    world.node.bringBack('shop/b');
    await watcher.events();
    world.pool.setEndpoints(world.pool.endpoints.slice(0, 2));
    expect((await watcher.events()).slice(1)).toMatchObject([
      { endpoint: 'shop/b', standing: 'down' },
      { endpoint: 'shop/b', standing: 'serving' },
      { type: 'endpoint-removed', endpoint: 'shop/c' },
    ]);
  });

  it('tell of nodes that join, fall silent, leave and come back', async () => {
    const watcher = await watch();
    for (const kind of ['joining', 'alive', 'suspect', 'alive', 'left', 'gone'] as const) {
      world.cluster.members = [{ kind, record: memberOf('node-2'), silentMs: 0 }];
      await watcher.events();
    }
    expect(await watcher.events()).toMatchObject([
      { type: 'node-joined', node: 'node-2' },
      { type: 'node-suspect', node: 'node-2' },
      { type: 'node-joined', node: 'node-2' },
      { type: 'node-left', node: 'node-2' },
    ]);
  });

  it('tell how the node goes about a store that goes away and comes back', async () => {
    const watcher = await watch();
    world.node.repair.storeLost();
    world.node.repair.storeBack();
    await world.clock.advance(10_000);
    expect(await watcher.events()).toMatchObject(
      ['degraded', 'reconciling', 'normal'].map((mode) => ({ type: 'store-mode-changed', mode })),
    );
  });

  it('go on where a watcher has left off', async () => {
    const key = await world.pin(1, 'a');
    const first = await watch();
    const id = first.lastId;
    await first.stop();
    await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' });
    const second = await watch({ 'last-event-id': id });
    expect(await second.events()).toMatchObject([{ type: 'session-moved', key }]);
  });

  it('say with the last of several where to go on, so that whoever is cut off among them misses none', async () => {
    const keys = [await world.pin(1, 'a'), await world.pin(2, 'a')];
    const watcher = await watch();
    const before = watcher.lastId;
    for (const key of keys) await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' });
    expect(await watcher.events()).toHaveLength(2);
    const [, first, last] = watcher.text.split('\n\n');
    expect(first).not.toContain('\nid: ');
    expect(last).toContain(`\nid: ${watcher.lastId}`);
    expect(watcher.lastId).not.toBe(before);

    const again = await watch({ 'last-event-id': before });
    expect(await again.events()).toHaveLength(2);
    expect(again.text.split('\n\n')[0]).toBe('event: watching\ndata: {}');
  });

  it.each(['another-life.7', 'life-1.', 'x', 'life-1.-5'])(
    'say that some may have been missed to a watcher who left off at %s',
    async (id) => {
      await world.ask('PUT /endpoints/shop/a/drain');
      for (let version = 0; version < 1_100; version++)
        await world.store.sessions.unpin(await world.pin(1, 'a'), undefined, world.clock.now());
      const watcher = await watch({ 'last-event-id': id });
      expect(await watcher.events()).toMatchObject([{ type: 'events-missed' }]);
    },
  );

  it('show a sign of life while nothing happens', async () => {
    const watcher = await watch();
    for (let second = 0; second < 16; second++) await watcher.events();
    expect(watcher.text).toContain(': still here\n\n');
  });
});
