import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Browser, goesWithoutBrowser, type Page, WITHOUT_BROWSER } from './browser/browser.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';
import { RoundRobin } from './round-robin.ts';

const TRANSFER_BYTES = 32 * 1024 * 1024;
const HEALTH_CHECK = {
  path: '/healthz',
  interval: '500ms',
  timeout: '500ms',
  healthyAfter: 1,
  unhealthyAfter: 5,
};
/** The page, its script, a style sheet, another script and 24 pictures. */
const PARTS = 28;

const SCHEMES = [
  { scheme: 'http', listener: {}, originOf: (port: string) => `http://127.0.0.1:${port}` },
  {
    scheme: 'https',
    listener: { protocol: 'https', tls: { certificates: [certificateFiles('stranger')] } },
    originOf: (port: string) => `https://shop.test:${port}`,
  },
];

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

if (goesWithoutBrowser) process.stderr.write(`\n${WITHOUT_BROWSER}\n`);

describe.skipIf(goesWithoutBrowser).each(SCHEMES)(
  'a browser of a website on four endpoints behind three nodes, over $scheme',
  ({ scheme, listener, originOf }) => {
    const stage = useStage('file');
    const startEndpoints = useEndpoints('browser-endpoint.ts', 'file');
    let browser: Browser;
    let endpoints: readonly ProgramEndpoint[];
    let balancer: RoundRobin;
    let origin: string;
    let page: Page;
    let home: ProgramEndpoint;

    beforeAll(async () => {
      endpoints = await startEndpoints(4);
      const nodes = await stage().startNodes(3, {
        endpoints: endpoints.map(({ address }) => address),
        storeUrl: stage().sqliteUrl(),
        pool: { healthCheck: HEALTH_CHECK },
        listener,
      });
      balancer = await RoundRobin.open(nodes);
      origin = originOf(new URL(balancer.origin).port);
      browser = await Browser.open(join(stage().dir, 'browser'));
    });

    afterAll(async () => {
      await browser.close();
      balancer.close();
    });

    /** Every test is another visitor, who has just opened the page. */
    beforeEach(async () => {
      for (const endpoint of endpoints) endpoint.forget();
      page = await browser.newPage();
      await page.visit(`${origin}/`);
      home = endpoints.find((endpoint) => endpoint.hasTold({ seen: '/' })) as ProgramEndpoint;
      return () => page.close();
    });

    const visited = (): readonly string[] =>
      endpoints.filter(({ told }) => told.length > 0).map(({ id }) => id);

    const whoAnswers = (count: number): Promise<readonly string[]> => page.run(`shop.whoAnswers(${count})`);

    const isComplete = (): Promise<boolean> =>
      page.run('[...document.images].every(({ naturalWidth }) => naturalWidth > 0)');

    it('has a page and all that belongs to it from one endpoint, through whichever nodes', async () => {
      expect(await isComplete()).toBe(true);
      expect(home.told).toHaveLength(PARTS);
      expect(await whoAnswers(30)).toEqual([home.id]);
      expect(visited()).toEqual([home.id]);
      await until('every node has had its share', () =>
        stage().nodes.every(({ accessLog }) => accessLog.length > 0),
      );
    });

    it('keeps the proxy’s cookie from scripts and endpoints, and the website’s own from neither', async () => {
      expect(await page.run('document.cookie')).toBe('cart=open');
      const kept = (await page.cookies()).filter(({ name }) => name === '_srv_id');
      const secure = scheme === 'https';
      expect(kept).toEqual([
        expect.objectContaining({ path: '/', httpOnly: true, secure, sameSite: 'Lax', session: true }),
      ]);
      await whoAnswers(5);
      const cookies = home.told.slice(1).map(({ cookie }) => cookie);
      expect(new Set(cookies)).toEqual(new Set(['cart=open']));
    });

    it('posts a form, and follows where it is sent on to', async () => {
      await page.follow('document.forms[0].submit()');
      expect(await page.run('document.title')).toBe('Thanks for a kelp & a limpet');
      expect(await page.run('location.pathname')).toBe('/thanks');
      expect(home.told.slice(-2)).toEqual([
        expect.objectContaining({ seen: '/order', method: 'POST' }),
        expect.objectContaining({ seen: '/thanks', method: 'GET' }),
      ]);
    });

    // Chromium puts nothing into its cache that came with a certificate which it cannot verify.
    if (scheme === 'http')
      it('caches what it may, and asks whether the rest has changed', async () => {
        const paths = ['/fresh', '/fresh', '/validated', '/validated'];
        const bodies: string[] = [];
        for (const path of paths) bodies.push(await page.run(`shop.bodyOf('${path}')`));
        expect(bodies).toEqual(['fresh', 'fresh', 'version one', 'version one']);
        expect(home.timesTold({ seen: '/fresh' })).toBe(1);
        const asked = home.told.filter(({ seen }) => seen === '/validated');
        expect(asked.map(({ ifNoneMatch }) => ifNoneMatch)).toEqual([undefined, '"v1"']);
      });

    it('has WebSockets and event streams at its endpoint', async () => {
      const texts = Array.from({ length: 50 }, (_, number) => `${number} ${'ü'.repeat(number * 100)}`);
      const conversation = await page.run(`shop.converse('/', ${JSON.stringify(texts)})`);
      expect(conversation).toEqual({ code: 1000, received: texts });
      expect(home.told.find(({ opened }) => opened === true)).toMatchObject({ cookie: 'cart=open' });
      const ids = await page.run(`shop.listen('/numbered-events?everyMs=10', 50)`);
      expect(ids).toEqual(texts.map((_, number) => String(number)));
      expect(visited()).toEqual([home.id]);
    });

    it.each(['length', 'chunked'])('downloads 32 MiB as a stream (%s)', async (framing) => {
      const download = await page.run(`shop.download('/bytes?count=${TRANSFER_BYTES}&framing=${framing}')`);
      const sent = Buffer.alloc(TRANSFER_BYTES, 'x');
      expect(download).toEqual({ length: sent.length, sha256: hashOf(sent) });
    });

    it('uploads 32 MiB', async () => {
      const { sha256, echo } = await page.run<{ sha256: string; echo: Echo }>(
        `shop.upload('/echo', ${TRANSFER_BYTES})`,
      );
      expect(echo).toMatchObject({ method: 'PUT', bodyLength: TRANSFER_BYTES, bodySha256: sha256 });
    });

    it('goes on at another endpoint when its own dies, and stays there when that is back', async () => {
      await home.kill();
      await page.visit(`${origin}/`);
      const [heir = ''] = await whoAnswers(30);
      expect(await isComplete()).toBe(true);
      expect(visited().toSorted()).toEqual([home.id, heir].toSorted());

      await home.start();
      await until('every node sees it serve', async () => {
        const standings = await Promise.all(stage().nodes.map((node) => node.standingOf(home.id)));
        return standings.every((standing) => standing === 'serving');
      });
      for (const endpoint of endpoints) endpoint.forget();
      await page.visit(`${origin}/`);
      expect(await whoAnswers(30)).toEqual([heir]);
      expect(visited()).toEqual([heir]);
      expect(await page.run('document.cookie')).toBe('cart=open');
    });
  },
);
