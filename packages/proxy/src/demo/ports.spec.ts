import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePorts } from './ports.ts';

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('the choice of ports', () => {
  it('takes the wished port where it is free', async () => {
    const { free } = await choosePorts({ free: 0 });
    expect(await choosePorts({ web: free })).toEqual({ web: free });
  });

  it('takes another port where the wished one is taken', async () => {
    const holder = await listenOn(0);
    const taken = (holder.address() as AddressInfo).port;
    const { web } = await choosePorts({ web: taken });
    holder.close();
    expect(web).toBeGreaterThan(0);
    expect(web).not.toBe(taken);
  });

  it('gives every name a port of its own, and leaves all of them free', async () => {
    const ports = Object.values(await choosePorts({ a: 0, b: 0, c: 0 }));
    expect(new Set(ports).size).toBe(3);
    const servers = await Promise.all(ports.map(listenOn));
    for (const server of servers) server.close();
  });
});
