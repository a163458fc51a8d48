import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from './program.ts';
import { HoldfastProcess } from './testing/holdfast-process.ts';

/** The port of an admin listener that says so of its node, at every address of loopback. */
async function adminOf(isReady: () => boolean): Promise<number> {
  const server = createServer((_, response) => void response.writeHead(isReady() ? 200 : 503).end());
  await once(server.listen(0, '0.0.0.0'), 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('the parts of the demo by themselves', { timeout: 30_000 }, () => {
  it('are an endpoint that serves the shop until SIGTERM, and exits with 0', async () => {
    await using endpoint = new HoldfastProcess(['demo', 'endpoint', '--id', 'b', '--listen', '127.0.0.1:0']);
    const [, address] = await endpoint.output(/^b listens on (\S+)$/m);
    const response = await fetch(`http://${address}/cart`);
    expect(await response.json()).toMatchObject({ endpoint: 'b', cart: { items: 0 } });
    // The connection of that request is kept, and is nothing to wait for.
    endpoint.signal('SIGTERM');
    expect(await endpoint.end()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('are visitors, who tell at the end what they found', async () => {
    await using endpoint = new HoldfastProcess(['demo', 'endpoint', '--id', 'b', '--listen', '127.0.0.1:0']);
    const [, address = ''] = await endpoint.output(/^b listens on (\S+)$/m);
    const habits = ['--visitors', '4', '--rate', '8'];
    await using visitors = new HoldfastProcess(['demo', 'visitors', `http://${address}`, ...habits]);
    // A first line, after five seconds, says that they have begun.
    await visitors.output(/"visits":\d+/);
    visitors.signal('SIGTERM');
    const { exitCode, stdout } = await visitors.end();
    expect(exitCode).toBe(0);
    const tally = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(tally).toMatchObject({ new: 4, moved: 0, lost: 0, failed: 0, endpoints: { b: tally.visits } });
    expect(tally.kept).toBeGreaterThan(0);
  });

  it('are a keeper of records, who names the nodes that are ready', async () => {
    const ready = { one: true, two: true };
    const [one, two] = await Promise.all([adminOf(() => ready.one), adminOf(() => ready.two)]);
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-records-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'hosts');
    const nodes = [`http://127.0.0.1:${one}`, `http://127.0.0.2:${two}`];
    await using records = new HoldfastProcess(['demo', 'records', 'shop.test', ...nodes, '--file', file]);
    await records.output(/"addresses":\["127.0.0.1","127.0.0.2"\]/);
    ready.one = false;
    await records.output(/"addresses":\["127.0.0.2"\]/);
    expect(await readFile(file, 'utf8')).toBe('127.0.0.2 shop.test\n');
    records.signal('SIGTERM');
    expect(await records.end()).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it.each([
    [['endpoint', '--id', 'a', '--listen', 'everywhere'], 'such as 0.0.0.0:8080'],
    [['endpoint', '--listen', ':8080'], "required option '--id <id>'"],
    [['visitors', 'shop.test'], 'expected a URL'],
    [['visitors', 'http://shop.test', '--rate', '0'], 'expected a number above 0'],
    [['records', 'shop.test', '--file', 'hosts'], "missing required argument 'nodes'"],
    [['records', 'shop.test', '10.0.0.1', '--file', 'hosts'], 'expected a URL'],
  ])('refuse %j as wrong usage', async (args, complaint) => {
    const complaints: string[] = [];
    const terminal = {
      environment: {},
      print: () => {},
      complain: (text: string) => void complaints.push(text),
    };
    expect(await runCommand(['demo', ...args], terminal)).toBe(2);
    expect(complaints.join('')).toContain(complaint);
  });
});
