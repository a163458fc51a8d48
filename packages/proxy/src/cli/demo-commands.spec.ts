import { describe, expect, it } from 'vitest';
import { runCommand } from './program.ts';
import { HoldfastProcess } from './testing/holdfast-process.ts';

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
