import { beforeEach, describe, expect, it } from 'vitest';
import { AdminWorld } from '../../admin/testing/admin-world.ts';
import { readReport } from '../node-report.ts';
import type { Sample } from '../sample.ts';
import { liveFiles } from './live-routes.ts';
import { overviewPage } from './overview-page.ts';
import { summaryRegion } from './summary.ts';

const HOST = { host: '127.0.0.1:9900' };

let world: AdminWorld;
beforeEach(() => {
  world = new AdminWorld();
});

const member = (node: string, state: string) => ({
  ...{ node, state, phase: 'serving', release: '0.1.0', startedAt: '2026-11-21T20:00:00.000Z' },
  ...{ fingerprint: 'f', silentMs: 0, holdsDown: [] },
});

const sampleOf = (report: object, standings: readonly ('serving' | 'draining' | 'down')[] = []): Sample => ({
  atMs: 0,
  report: readReport(report),
  isCounted: true,
  endpoints: standings.map((standing, number) => ({
    view: {
      ...{ id: `shop/${number}`, url: 'http://10.0.0.1', weight: 1, standing },
      ...{ pinned: 1_000, inFlight: 2, waiting: 0 },
    },
    tag: '',
    mostPinned: undefined,
  })),
});

const HOSTILE = '<img src=x onerror="alert(1)">&\'';

describe('the overview', () => {
  it('has every element that its scripts look for, and nothing inline', async () => {
    const page = String(await overviewPage(sampleOf({}, ['serving'])));
    const scripts = [...liveFiles].filter(([name]) => name.endsWith('.js')).map(([, { text }]) => text);
    const ids = scripts.flatMap((text) => [...text.matchAll(/\$\('([\w-]+)'\)/g)].map(([, id]) => id));
    expect(ids.length).toBeGreaterThan(5);
    for (const id of ids) expect(page).toContain(`id="${id}"`);
    expect(page).not.toMatch(/ style=| on\w+=|<script|<style/);
    for (const text of scripts) expect(text).not.toMatch(/innerHTML|\.style\b|eval\(/);
  });

  it('escapes what comes from elsewhere', async () => {
    const report = { node: HOSTILE, warnings: [HOSTILE], members: [member(HOSTILE, 'alive')] };
    const page = String(await overviewPage(sampleOf(report)));
    expect(page).not.toContain('<img');
    expect(page.match(/&lt;img/g)?.length).toBe(2);
  });

  it('is small: all that a browser has to load for it', () => {
    const bytes = [...liveFiles.values()].reduce((sum, { text }) => sum + text.length, 0);
    expect(bytes).toBeLessThan(20_000);
  });

  it('says at a glance what is not as it should be, in words', async () => {
    const members = [member('node-1', 'self'), member('node-2', 'gone')];
    const store = { kind: 'redis', state: 'unavailable', mode: 'degraded', invalidationsLive: false };
    const report = { members, store, warnings: ['compare the configurations'] };
    const page = String(await summaryRegion(sampleOf(report, ['serving', 'down', 'draining'])));
    for (const words of [
      '1/3',
      'serving, 1 draining, 1 down',
      '3 000',
      '1 gone or silent',
      'degraded',
      'redis, unavailable, no news',
      'compare the configurations',
    ])
      expect(page.replaceAll('\u202f', ' ')).toContain(words);
    expect(page.match(/class="tile bad"/g)).toHaveLength(3);
  });

  it('is served with its files, and has a feed', async () => {
    const response = await world.app.request('/console/', { headers: HOST });
    expect(response.status).toBe(200);
    const page = await response.text();
    const files = [...page.matchAll(/(?:src|href)="(\/console\/files\/[^"]+)"/g)].map(
      ([, path]) => path as string,
    );
    expect(files).toEqual(expect.arrayContaining(['/console/files/live.js', '/console/files/live.css']));
    for (const file of files) expect((await world.app.request(file, { headers: HOST })).status).toBe(200);
  });
});

describe('the feed of the console', () => {
  it.each(['', '?topics=', '?topics=nothing,of,the,kind', '?topics=__proto__'])(
    'refuses to be watched for nothing: %s',
    async (query) => {
      expect((await world.app.request(`/console/feed${query}`, { headers: HOST })).status).toBe(400);
    },
  );

  it('tells each topic that a page names at once, and those of other pages not', async () => {
    const response = await world.app.request('/console/feed?topics=summary,traffic,requests,events', {
      headers: HOST,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    while (!text.includes('event: events\n'))
      text += Buffer.from((await reader.read()).value ?? []).toString();
    for (const topic of ['summary', 'traffic', 'requests']) expect(text).toContain(`event: ${topic}\n`);
    expect(text).not.toContain('event: endpoints\n');
    await reader.cancel();
    await world.clock.advance(10_000);
  });
});
