import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient } from '../support/http-client.ts';
import { useStage } from '../support/stage.ts';
import { untilWorkers } from '../support/supervised-node.ts';
import { until } from '../support/until.ts';
import { Visitor, visitAll, welcome } from '../support/visitor.ts';
import { Browser, goesWithoutBrowser, type Page, WITHOUT_BROWSER } from './browser/browser.ts';
import { OverviewPage } from './browser/overview-page.ts';

if (goesWithoutBrowser) process.stderr.write(`\n${WITHOUT_BROWSER}\n`);

describe.skipIf(goesWithoutBrowser)(
  'the overview of the console, of a node of two workers beside another node',
  () => {
    const stage = useStage('file');
    let browser: Browser;
    let page: Page;
    let overview: OverviewPage;
    let complaints: readonly string[];
    let here: HttpClient;
    let there: HttpClient;

    beforeAll(async () => {
      const [redis] = await Promise.all([stage().startRedis(), stage().startEndpoints(3)]);
      const [node] = await Promise.all([
        stage().startNode({ storeUrl: redis.url, top: { workers: 2 } }),
        stage().startNode({ storeUrl: redis.url }),
      ]);
      await untilWorkers(node, 2);
      [here, there] = stage().clients() as [HttpClient, HttpClient];
      browser = await Browser.open(join(stage().dir, 'browser'));
      page = await browser.newPage();
      complaints = await page.hearComplaints();
      await page.visit(`${node.adminOrigin}/console/`);
      overview = new OverviewPage(page);
      await until('the page is live', async () => (await page.textOf('#feed-state')) === 'Live');
    });

    afterAll(() => browser?.close());

    it('shows a request that passes through any of the workers, with its outcome and endpoint, without its query', async () => {
      const visitor = new Visitor('somebody');
      const first = await visitor.visit(here, { path: '/echo?card=4111' });
      const crowd = await welcome(20, [here]);
      const row = await overview.untilRequest(({ request }) => request === 'GET /echo');
      expect(row).toMatchObject({ status: '200', endpoint: `shop/${first.servedBy}` });
      expect(row.outcome).toMatch(/^created /);
      await visitor.visit(here, { path: '/echo' });
      const again = await overview.untilRequest(({ outcome }) => outcome.startsWith('hit'));
      expect(again).toMatchObject({ endpoint: `shop/${first.servedBy}`, session: row.session });
      await until('the crowd is there', async () => (await overview.requests()).length >= crowd.length + 2);
      expect(await page.run('document.body.innerText')).not.toContain('4111');
    });

    it('leads from a request to its session', async () => {
      const [row] = await overview.requests();
      const { status, text } = await page.run<{ status: number; text: string }>(
        `fetch(${JSON.stringify(row?.link)}).then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
      );
      expect(status).toBe(200);
      expect(text).toContain(row?.session.slice(0, 11));
    });

    it('does not take requests of another node for its own', async () => {
      await there.send({ path: '/echo?of=node-2', headers: { 'x-unique-id': 'there' }, method: 'PUT' });
      await here.send({ path: '/echo', method: 'POST' });
      await overview.untilRequest(({ request }) => request === 'POST /echo');
      expect((await overview.requests()).filter(({ request }) => request.startsWith('PUT'))).toEqual([]);
    });

    it('stands still while its reader has paused, says how much has come, and goes on with all of it', async () => {
      await overview.press('#pause');
      const before = await overview.requests();
      await here.send({ path: '/echo', method: 'DELETE' });
      await until('one more is held back', async () => (await page.textOf('#pause'))?.includes('1 more'));
      expect(await overview.requests()).toEqual(before);
      await overview.press('#pause');
      const [latest] = await overview.requests();
      expect(latest?.request).toBe('DELETE /echo');
      expect(await page.textOf('#pause')).toBe('Pause');
    });

    it('shows only what its reader asks for', async () => {
      await here.send({ path: '/respond?status=503' });
      await overview.untilRequest(({ status }) => status === '503');
      const all = await overview.requests();
      await overview.choose('status', '5xx');
      expect((await overview.requests()).map(({ status }) => status)).toEqual(['503']);
      await overview.choose('status', '');
      const [endpoint = ''] = all.map((row) => row.endpoint).filter((id) => id.startsWith('shop/'));
      await overview.choose('endpoint', endpoint);
      const some = await overview.requests();
      expect(some).toEqual(all.filter((row) => row.endpoint === endpoint));
      expect(some.length).toBeLessThan(all.length);
      await overview.choose('endpoint', '');
      expect(await overview.requests()).toEqual(all);
    });

    it('shows sessions move when their endpoint dies: as requests, as events, in the chart and in its table', async () => {
      const visitors = await welcome(30, [here]);
      const victim = stage().endpoints[0]!;
      const lost = visitors.filter(({ lastVisit }) => lastVisit?.servedBy === victim.id);
      expect(lost.length).toBeGreaterThan(0);
      await victim.kill();
      await visitAll(visitors, [here]);

      const moved = await overview.untilRequest(({ outcome }) => outcome.startsWith('repinned'));
      expect(moved.outcome).toMatch(/(?:connect-failed|endpoint-down)/);
      expect(moved.endpoint).not.toBe(`shop/${victim.id}`);
      await overview.untilEvent(`Endpoint shop/${victim.id} is down`);
      await overview.untilEvent(/(?:Session .*|\d+ sessions) moved to shop\//);
      await until('the glance says so', async () =>
        (await page.textOf('[data-topic="summary"]'))?.includes('1 down'),
      );
      await until('all moves are in the table', async () => (await overview.totals()).moved === lost.length);
      expect(await overview.barsOf('moved')).toBeGreaterThan(0);
      expect((await overview.totals()).failed).toBe(1);
      expect(await page.run('document.querySelector("#finished-desc").textContent')).toMatch(
        /^Now \d+, at most \d+$/,
      );
    });

    it('tells of a reload of the node', async () => {
      const [node] = stage().nodes;
      const admin = stage().client(node?.adminOrigin ?? '');
      expect((await admin.send({ method: 'POST', path: '/reload' })).status).toBe(200);
      await overview.untilEvent('The configuration of this node was reloaded');
    });

    it('has done all that without a complaint of the browser', () => {
      expect(complaints).toEqual([]);
    });
  },
);
