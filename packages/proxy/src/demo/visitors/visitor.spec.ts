import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seededRandom } from '@holdfast/shared/testing';
import { createAdaptorServer } from '@hono/node-server';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CartShelf } from '../shop/cart-shelf.ts';
import { createShop } from '../shop/shop-app.ts';
import { Visitor } from './visitor.ts';

const shop = (endpoint: string) =>
  createShop({
    endpoint,
    instance: '',
    shelf: new CartShelf(seededRandom(endpoint.charCodeAt(0))),
    onArrival: () => {},
  });

/** Two endpoints behind one address, and what stands between them and the visitor. */
let endpoints: { a: ReturnType<typeof shop>; b: ReturnType<typeof shop> };
let at: 'a' | 'b';
let announces: boolean;
let fails: boolean;
let server: Server;
let browser: Agent;
let visitor: Visitor;

beforeEach(async () => {
  endpoints = { a: shop('a'), b: shop('b') };
  [at, announces, fails] = ['a', false, false];
  const fetch = (request: Request): Promise<Response> | Response => {
    if (fails) return new Response('', { status: 503 });
    if (announces) request.headers.set('holdfast-session-moved', 'from=shop/a; reason=endpoint-down');
    return endpoints[at].fetch(request);
  };
  server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  browser = new Agent();
  visitor = new Visitor(new URL(`http://127.0.0.1:${port}`), browser, seededRandom(3));
});
afterEach(async () => {
  await browser.close();
  server.close();
});

const findings = async (count: number) => {
  const found: string[] = [];
  for (let visit = 0; visit < count; visit++) found.push((await visitor.visit()).finding);
  return new Set(found);
};

describe('a visitor of the shop', () => {
  it('finds the cart as it was, whatever is bought in between', async () => {
    expect(await findings(1)).toEqual(new Set(['new']));
    expect(await findings(30)).toEqual(new Set(['kept']));
  });

  it('calls a session that was moved and announced moved, once', async () => {
    await findings(3);
    [at, announces] = ['b', true];
    expect(await findings(1)).toEqual(new Set(['moved']));
    announces = false;
    expect(await findings(10)).toEqual(new Set(['kept']));
  });

  it('calls a cart lost at an endpoint that says nothing of a move but that it has no memory of it', async () => {
    await findings(3);
    endpoints.a = shop('a');
    expect(await findings(20)).toContain('lost');
  });

  it('calls a request that went to another endpoint and back lost, both times', async () => {
    await findings(3);
    await endpoints.b.request('/cart');
    at = 'b';
    const there = await visitor.visit();
    at = 'a';
    const back = await visitor.visit();
    expect([there.endpoint, back.endpoint, back.finding]).toEqual(['b', 'a', 'lost']);
  });

  it('calls an error failed, and so what does not answer at all', async () => {
    fails = true;
    expect(await visitor.visit()).toMatchObject({ finding: 'failed', cause: 'status 503' });
    server.closeAllConnections();
    server.close();
    expect(await visitor.visit()).toMatchObject({
      finding: 'failed',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
