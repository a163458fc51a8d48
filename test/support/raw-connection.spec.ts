import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RawConnection } from './raw-connection.ts';

describe('a raw connection', () => {
  const server = createServer((socket) => {
    socket.once('data', (chunk) => {
      if (chunk.includes('reset')) socket.resetAndDestroy();
      else socket.end(`got ${chunk.length} bytes: ${chunk.toString('latin1')}`);
    });
  });

  afterEach(() => {
    server.close();
  });

  it('writes heads as HTTP does, sees all that comes back, and tells an end from a reset', async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;

    const ended = await RawConnection.open(port);
    ended.send(['GET / HTTP/1.1', 'Host: a'], 'body');
    await ended.untilEnded();
    expect(ended.received).toBe('got 31 bytes: GET / HTTP/1.1\r\nHost: a\r\n\r\nbody');
    expect(ended.errorCode).toBeUndefined();

    const broken = await RawConnection.open(port);
    broken.send(['reset']);
    await broken.untilEnded();
    expect(broken.errorCode).toBe('ECONNRESET');
    ended.close();
    broken.close();
  });
});
