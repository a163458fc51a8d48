import { HoldfastError } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeedMessage, FeedSource } from './feed-source.ts';
import { LiveFeed, TROUBLE } from './live-feed.ts';
import type { Watcher } from './watcher.ts';

/** Counts how often it is looked at, and tells that number; with `isAway`, it has no answer. */
class Counting implements FeedSource {
  readonly topics: readonly [string];
  looks = 0;
  isAway = false;

  constructor(topic: string) {
    this.topics = [topic];
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    this.looks += 1;
    if (this.isAway) throw new HoldfastError('STORE_UNAVAILABLE', 'no worker answers');
    tell({ topic: this.topics[0], data: this.looks });
  }

  all(): readonly FeedMessage[] {
    return [{ topic: this.topics[0], data: { all: this.looks } }];
  }
}

let clock: ManualClock;
let traffic: Counting;
let nodes: Counting;
let feed: LiveFeed;

beforeEach(() => {
  clock = new ManualClock();
  traffic = new Counting('traffic');
  nodes = new Counting('nodes');
  feed = new LiveFeed([traffic, nodes], clock);
});

/** A page that takes all that it is sent. */
class Page {
  text = '';
  readonly watcher: Watcher;

  constructor(...topics: readonly string[]) {
    this.watcher = feed.watch(new Set(topics)) as Watcher;
    void this.#read();
  }

  /** What it was told, by topic. */
  get told(): readonly (readonly [string, unknown])[] {
    return [...this.text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(
      ([, topic = '', data = '']) => [topic, JSON.parse(data)] as const,
    );
  }

  async #read(): Promise<void> {
    for (;;) {
      const text = await this.watcher.next();
      if (text === undefined) return;
      this.text += text;
    }
  }
}

const openPage = async (...topics: readonly string[]): Promise<Page> => {
  const page = new Page(...topics);
  await settle();
  return page;
};

describe('the live feed', () => {
  it('tells a page everything at once, and then each second what is new, of its topics alone', async () => {
    const page = await openPage('traffic');
    expect(page.told).toEqual([['traffic', { all: 1 }]]);
    await clock.advance(2_000);
    expect(page.told.slice(1)).toEqual([
      ['traffic', 2],
      ['traffic', 3],
    ]);
    expect(nodes.looks).toBe(0);
  });

  it('looks once a second however many pages watch, and tells one that comes later nothing twice', async () => {
    const pages = [];
    for (let number = 0; number < 10; number++) pages.push(await openPage('traffic', 'nodes'));
    await clock.advance(5_000);
    const late = await openPage('traffic');
    await clock.advance(1_000);
    expect([traffic.looks, nodes.looks]).toEqual([7, 7]);
    expect(late.told).toEqual([
      ['traffic', { all: 6 }],
      ['traffic', 7],
    ]);
    for (const page of pages) expect(page.told).toHaveLength(14);
  });

  it('does nothing while nobody watches, and begins anew with the next page', async () => {
    const page = await openPage('traffic');
    page.watcher.end();
    await clock.advance(3_000);
    expect(traffic.looks).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    const next = await openPage('traffic');
    await clock.advance(1_000);
    expect(next.told).toEqual([
      ['traffic', { all: 2 }],
      ['traffic', 3],
    ]);
  });

  it('gives up a page that takes nothing, and goes on with the others', async () => {
    const stuck = feed.watch(new Set(['traffic'])) as Watcher;
    const page = await openPage('traffic');
    await clock.advance(200_000);
    expect(stuck.isOver).toBe(true);
    expect(page.told).toHaveLength(201);
  });

  it('has a page come back after ten minutes, so that whoever is logged out by then is not let in', async () => {
    const page = await openPage('traffic');
    await clock.advance(599_000);
    expect(page.watcher.isOver).toBe(false);
    await clock.advance(1_000);
    expect(page.watcher.isOver).toBe(true);
  });

  it('lets in no more pages than it has room for, and another one when one has left', async () => {
    const pages = [];
    for (let number = 0; number < 64; number++) pages.push(await openPage('traffic'));
    expect(feed.watch(new Set(['traffic']))).toBeUndefined();
    pages[0]?.watcher.end();
    await settle();
    expect(feed.watch(new Set(['traffic']))).toBeDefined();
  });

  it('says where there is no answer, and goes on', async () => {
    const page = await openPage('traffic', 'nodes', TROUBLE);
    traffic.isAway = true;
    await clock.advance(1_000);
    traffic.isAway = false;
    await clock.advance(1_000);
    expect(page.told.slice(2)).toEqual([
      ['nodes', 2],
      [TROUBLE, { message: 'no worker answers' }],
      ['traffic', 3],
      ['nodes', 3],
    ]);
  });

  it('says it to a page that has just been opened', async () => {
    traffic.isAway = true;
    expect((await openPage('traffic', TROUBLE)).told[0]).toEqual([TROUBLE, { message: 'no worker answers' }]);
  });

  it('shows a sign of life to a page that is told nothing', async () => {
    const page = await openPage(TROUBLE);
    await clock.advance(16_000);
    expect(page.text).toBe('retry: 2000\n\n: still here\n\n');
  });
});
