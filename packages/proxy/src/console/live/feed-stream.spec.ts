import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { ManualClock } from '@holdfast/shared/testing';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { streamTo } from './feed-stream.ts';
import { Watcher } from './watcher.ts';

const MEBIBYTE = 'x'.repeat(1024 * 1024);

let watcher: Watcher;
let server: Server;
let client: Socket;

beforeEach(async () => {
  watcher = new Watcher(new Set(['traffic']), 60_000, new ManualClock());
  const app = new Hono();
  app.get('/feed', (context) => streamTo(context, watcher, async () => true));
  server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  client.write('GET /feed HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
});

afterEach(() => {
  client.destroy();
  server.close().closeAllConnections();
});

describe('the stream of a page', () => {
  it('brings what there is for it, in order, and ends as a stream that is over', async () => {
    let text = '';
    client.on('data', (piece) => {
      text += String(piece);
    });
    watcher.offer('event: a\ndata: 1\n\n');
    while (!text.includes('data: 1')) await once(client, 'data');
    watcher.offer('event: b\ndata: 2\n\n');
    while (!text.includes('data: 2')) await once(client, 'data');
    watcher.end();
    while (!text.endsWith('\r\n0\r\n\r\n')) await once(client, 'data');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(text.toLowerCase()).toContain('\r\ncontent-type: text/event-stream');
  });

  it('breaks off the connection of a page that takes nothing, once it has been given up', async () => {
    client.pause();
    const [connection] = (await once(server, 'connection')) as [Socket];
    const isGone = once(connection, 'close');
    while (!watcher.isOver) {
      watcher.offer(MEBIBYTE);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await isGone;
    expect(connection.destroyed).toBe(true);
  });

  it('ends the watch of a page that is gone', async () => {
    watcher.offer('event: a\ndata: 1\n\n');
    await once(client, 'data');
    client.destroy();
    await watcher.over;
    expect(watcher.isOver).toBe(true);
  });
});
