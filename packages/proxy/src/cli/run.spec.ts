import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HoldfastProcess, holdfast } from './testing/holdfast-process.ts';

const configuration = (listen: string, shutdownDelay = '0s'): Record<string, string> => ({
  'holdfast.yaml': `listeners: [{ name: web, listen: "${listen}", pool: shop }]
pools: [{ name: shop, endpoints: [{ url: "http://127.0.0.1:1" }] }]
shutdown: { delay: ${shutdownDelay} }
`,
});

describe('holdfast run', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'listens, and on %s shuts down in good order with exit code 0',
    async (signal) => {
      await using running = new HoldfastProcess(['run'], configuration('127.0.0.1:0'));
      const [, address] = await running.output(/"address":"([\d.:]+)"/);
      expect(await fetch(`http://${address}/`)).toHaveProperty('status', 503);
      running.signal(signal);
      expect(await running.end()).toMatchObject({ exitCode: 0 });
    },
  );

  it('ends at once with exit code 1 on a second signal, however long the shutdown was to take', async () => {
    await using running = new HoldfastProcess(['run'], configuration('127.0.0.1:0', '1h'));
    await running.output(/"msg":"listening"/);
    running.signal('SIGTERM');
    await running.output(/"msg":"shutting down"/);
    running.signal('SIGINT');
    expect(await running.end()).toMatchObject({ exitCode: 1 });
  });

  it('says what to do about an address that is taken, and exits with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { exitCode, stderr } = await holdfast(['run'], configuration(address));
    other.close();
    expect(stderr).toContain(address);
    expect(stderr).toContain('another process listens there');
    expect(exitCode).toBe(1);
  });

  it('does not start with a configuration that has problems', async () => {
    const { exitCode, stderr } = await holdfast(['run'], configuration('127.0.0.1'));
    expect(stderr).toContain('./holdfast.yaml:1:34: listeners[0].listen: expected an address to listen on');
    expect(exitCode).toBe(2);
  });
});
