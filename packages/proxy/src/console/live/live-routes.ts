import type { Hono } from 'hono';
import type { Operations } from '../../admin/admin-app.ts';
import { refused } from '../../admin/answer.ts';
import { sayRefusal } from '../../admin/say-refusal.ts';
import { type FileMap, readFiles } from '../files.ts';
import { type ConsoleEnv, renderPage } from '../page.ts';
import { REGIONS } from '../regions.ts';
import type { Sampler } from '../sample.ts';
import { EventsSource } from './events-source.ts';
import { streamTo } from './feed-stream.ts';
import { LiveFeed } from './live-feed.ts';
import { overviewPage } from './overview-page.ts';
import { RegionSource } from './region-source.ts';
import { summaryRegion } from './summary.ts';
import { TickSource } from './tick-source.ts';
import { TrafficSource } from './traffic-source.ts';

/** The files of the overview. */
export const liveFiles: FileMap = readFiles(import.meta.url, [
  'live.css',
  'live.js',
  'charts.js',
  'tail.js',
  'dom.js',
]);

export interface LiveParts {
  readonly operations: Pick<Operations, 'ask' | 'clock'>;
  readonly sampler: Sampler;
}

/** The overview, and the feed that keeps all pages up to date. */
export function serveLive(pages: Hono<ConsoleEnv>, parts: LiveParts): void {
  const feed = liveFeed(parts);
  const known = new Set(feed.topics);
  pages.get('/', async (context) => {
    const body = overviewPage(await parts.sampler.take());
    const files = { scripts: ['live.js'], styles: ['live.css'] };
    return renderPage(context, { title: 'Overview', current: 'overview', body, ...files });
  });
  pages.get('/feed', (context) => {
    const topics = new Set(
      (context.req.query('topics') ?? '').split(',').filter((topic) => known.has(topic)),
    );
    if (topics.size === 0) return sayRefusal(context, NOTHING_TO_WATCH);
    const watcher = feed.watch(topics);
    return watcher === undefined
      ? context.text(TOO_MANY_WATCH, 503)
      : streamTo(context, watcher, context.get('isIn'));
  });
}

const NOTHING_TO_WATCH = refused('DOWNSTREAM_BAD_REQUEST', 'the query names no topic of the feed');
const TOO_MANY_WATCH = 'too many pages watch this node: close one, and load this one again\n';

function liveFeed({ operations: { ask, clock }, sampler }: LiveParts): LiveFeed {
  const regions = Object.entries({ ...REGIONS, summary: summaryRegion });
  return new LiveFeed(
    [
      ...regions.map(([topic, render]) => new RegionSource(topic, render, sampler)),
      new TrafficSource(ask),
      new EventsSource(ask, sampler),
      new TickSource(clock),
    ],
    clock,
  );
}
