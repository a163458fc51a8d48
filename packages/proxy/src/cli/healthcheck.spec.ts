import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { healthcheck } from './healthcheck.ts';
import { holdfast } from './testing/holdfast-process.ts';

describe('holdfast healthcheck', { timeout: 30_000 }, () => {
  let admin: Server;
  let url: string;
  let status: number;
  let asked: string[];

  beforeEach(async () => {
    [status, asked] = [200, []];
    admin = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(admin, 'listening');
    url = `http://127.0.0.1:${(admin.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    admin.closeAllConnections();
    admin.close();
  });

  const check = async (options: Parameters<typeof healthcheck>[0]) => {
    const complaints: string[] = [];
    const terminal = {
      environment: {},
      print: () => {},
      complain: (text: string) => void complaints.push(text),
    };
    return { exitCode: await healthcheck(options, terminal), complaints };
  };

  it('exits with 0, silent, when /readyz answers that the node is ready', async () => {
    expect(await check({ url })).toEqual({ exitCode: 0, complaints: [] });
    expect(asked).toEqual(['/readyz']);
  });

  it('exits with 1 when the node answers that it is not', async () => {
    status = 503;
    expect(await check({ url })).toEqual({
      exitCode: 1,
      complaints: [`holdfast: not ready: ${url}/readyz answered 503`],
    });
  });

  it('takes a redirect for no answer', async () => {
    status = 302;
    expect(await check({ url })).toMatchObject({ exitCode: 1 });
  });

  it('exits with 1 when nobody answers', async () => {
    admin.close();
    expect(await check({ url })).toMatchObject({
      exitCode: 1,
      complaints: [expect.stringContaining('ECONNREFUSED')],
    });
  });

  it('waits for as long as it is told until the node is ready, and then exits with 0, silent', async () => {
    admin.prependListener('request', () => {
      status = asked.length < 2 ? 503 : 200;
    });
    expect(await check({ url, wait: '30s' })).toEqual({ exitCode: 0, complaints: [] });
    expect(asked).toHaveLength(3);
  });

  it('says once what speaks against it when that has been in vain', async () => {
    status = 503;
    expect(await check({ url, wait: '150ms' })).toEqual({
      exitCode: 1,
      complaints: [`holdfast: not ready: ${url}/readyz answered 503`],
    });
    expect(asked.length).toBeGreaterThan(1);
  });

  it('refuses a wait that is no duration', async () => {
    expect(await check({ url, wait: 'long' })).toMatchObject({ exitCode: 2 });
    expect(asked).toEqual([]);
  });

  it('asks another path where the URL names one', async () => {
    await check({ url: `${url}/healthz` });
    expect(asked).toEqual(['/healthz']);
  });

  it.each(['127.0.0.1:9900', 'ftp://127.0.0.1', ''])('refuses %j as wrong usage', async (wrong) => {
    expect(await check({ url: wrong })).toMatchObject({ exitCode: 2 });
  });

  it('finds the admin listener in the configuration, on loopback where it listens everywhere', async () => {
    const port = new URL(url).port;
    const text = `admin: { listen: ":${port}", token: t }
listeners: [{ name: web, listen: ":0", pool: shop }]
pools: [{ name: shop, endpoints: [{ url: "http://10.0.0.1" }] }]`;
    expect(await holdfast(['healthcheck'], { 'holdfast.yaml': text })).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
    expect(asked).toEqual(['/readyz']);
  });

  it('says what to do about a configuration without an admin listener', async () => {
    const text =
      'listeners: [{ name: web, listen: ":0", pool: a }]\npools: [{ name: a, endpoints: [{ url: "http://b" }] }]';
    const { exitCode, stderr } = await holdfast(['healthcheck', '-c', 'a.yaml'], { 'a.yaml': text });
    expect(stderr).toBe(
      'holdfast: a.yaml has no admin listener to ask: add "admin: {}", or name a URL with --url\n',
    );
    expect(exitCode).toBe(2);
  });
});
