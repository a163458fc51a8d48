import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { HealthCheckConfig } from '@holdfast/shared/config';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../health/health-check.ts';
import { healthCheck } from '../testing/test-pool.ts';
import { probeOf } from './probe-of.ts';

const closing: (() => unknown)[] = [];
const closeAll = (): void => {
  for (const close of closing.splice(0)) close();
};
afterEach(closeAll);

const ask = probeOf(undefined);
const probe = async (origin: string, settings: HealthCheckConfig): Promise<ProbeResult> =>
  (await ask(origin, settings)).result;
const check = (changes: Partial<HealthCheckConfig> = {}): HealthCheckConfig => ({
  ...healthCheck,
  ...changes,
});

/** Where a tcp endpoint does this with each connection. */
async function tcpOrigin(serve: (socket: Socket) => void = () => {}): Promise<string> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Where a udp endpoint answers each datagram so. */
async function udpOrigin(answer: (question: Buffer) => Buffer | string | undefined): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closing.push(() => socket.close());
  socket.on('message', (question, { port, address }) => {
    const text = answer(question);
    if (text !== undefined) socket.send(text, port, address);
  });
  return `udp://127.0.0.1:${socket.address().port}`;
}

describe('a probe of a tcp endpoint', () => {
  it('has passed when a connection can be made, and leaves none behind', async () => {
    const connections: Socket[] = [];
    const origin = await tcpOrigin((socket) => connections.push(socket));
    expect(await probe(origin, check())).toBe('passed');
    await eventually('it is gone', () => connections[0]?.destroyed === true);
  });

  it('has failed where nobody listens', async () => {
    const origin = await tcpOrigin();
    closeAll();
    expect(await probe(origin, check())).toBe('failed');
  });

  it.each([
    ['what is expected', '+PONG\r\n', 'passed'],
    ['something else', '-LOADING\r\n', 'failed'],
    ['nothing', '', 'failed'],
  ])('that is answered with %s has ended so', async (_, answer, result) => {
    const origin = await tcpOrigin((socket) => {
      socket.once('data', (question) => {
        expect(question.toString()).toBe('PING\r\n');
        for (const byte of answer) socket.write(byte);
      });
    });
    const settings = check({ send: 'PING\r\n', expect: '+PONG', timeout: 300 });
    expect(await probe(origin, settings)).toBe(result);
  });

  it('hears a server that speaks first, and does not wait for one that hangs up', async () => {
    const greeting = await tcpOrigin((socket) => socket.write('220 mail\r\n'));
    expect(await probe(greeting, check({ expect: '220 ' }))).toBe('passed');
    const hangingUp = await tcpOrigin((socket) => socket.end('421 busy\r\n'));
    expect(await probe(hangingUp, check({ expect: '220 ', timeout: 60_000 }))).toBe('failed');
  });
});

describe('a probe of a udp endpoint', () => {
  it('has passed when the expected bytes come back', async () => {
    const origin = await udpOrigin((question) => Buffer.from([0xff, ...question]));
    expect(await probe(origin, check({ send: 'hex:00ab', expect: 'hex:ff00ab' }))).toBe('passed');
  });

  it('has passed with any answer where none is named', async () => {
    expect(await probe(await udpOrigin(() => 'whatever'), check({ send: 'ping' }))).toBe('passed');
  });

  it.each([
    ['nothing', undefined],
    ['something else', 'what?'],
  ])('has failed when %s comes back in time', async (_, answer) => {
    const settings = check({ send: 'ping', expect: 'pong', timeout: 200 });
    expect(await probe(await udpOrigin(() => answer), settings)).toBe('failed');
  });

  it('has failed at once where nobody listens', async () => {
    const origin = await udpOrigin(() => undefined);
    closeAll();
    expect(await probe(origin, check({ send: 'ping', timeout: 60_000 }))).toBe('failed');
  });

  it('has failed, and the process goes on, where the name of its host is not known', async () => {
    const origin = 'udp://endpoint.invalid:9';
    expect(await probe(origin, check({ send: 'ping', timeout: 60_000 }))).toBe('failed');
  });
});
