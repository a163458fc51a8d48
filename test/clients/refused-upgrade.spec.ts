import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { upgradeRequest } from './live-socket.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';

const NEXT = ['GET /next HTTP/1.1', 'Host: shop.test'];

describe('an upgrade that does not happen', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');
  let node: HoldfastNode;
  let endpoint: ProgramEndpoint;

  beforeEach(async () => {
    [endpoint] = (await startEndpoints(1)) as [ProgramEndpoint];
    node = await stage().startNode({ endpoints: [endpoint.address] });
  });

  it.each([200, 401, 403, 404, 426, 503])(
    'is answered with the endpoint’s %i, cookie and all, and the connection goes on',
    async (status) => {
      const connection = await RawConnection.open(node.ports.port);
      connection.send(upgradeRequest(`/refuse?status=${status}`));
      const [head] = await connection.untilReceived(/^[\s\S]*\/refuse at shop-1/);
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(head).toContain('Set-Cookie: _srv_id=');
      connection.send(NEXT);
      await connection.untilReceived(/HTTP\/1\.1 200 [\s\S]*\/next at shop-1/);
      connection.close();
    },
  );

  it('is told to a WebSocket client as the response that it is', async () => {
    const socket = new WebSocket(`${node.origin.replace('http:', 'ws:')}/refuse?status=403`);
    socket.on('error', () => {});
    const [request, response] = (await once(socket, 'unexpected-response')) as [
      ClientRequest,
      IncomingMessage,
    ];
    expect(response.statusCode).toBe(403);
    expect(response.headers['set-cookie']).toEqual([expect.stringMatching(/^_srv_id=/)]);
    request.destroy();
  });

  it('leaves a request that the client sent ahead a request, with the fields that every request gets', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(
      upgradeRequest('/refuse?status=403'),
      `${NEXT.join('\r\n')}\r\nX-Request-Id: forged\r\n\r\n`,
    );
    await connection.untilReceived(/HTTP\/1\.1 403 [\s\S]*HTTP\/1\.1 200 [\s\S]*\/next at shop-1/);
    const next = endpoint.told.filter(({ seen }) => seen === '/next');
    expect(next).toEqual([expect.objectContaining({ requestId: expect.stringMatching(/.{16}/) })]);
    expect(next[0]).not.toMatchObject({ requestId: 'forged' });
    connection.close();
  });

  it('lets no frame through that the client sent ahead', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(upgradeRequest('/refuse?status=403'), '\x81\x85\x01\x02\x03\x04iguhn\r\n\r\n');
    await connection.untilEnded();
    expect(connection.received).toMatch(/^HTTP\/1\.1 403 [\s\S]*HTTP\/1\.1 400 /);
    // The endpoint has answered a request that came later, so whatever came before has reached it.
    await stage().client(node).send({ path: '/later' });
    expect(endpoint.told.filter(({ listening }) => listening !== true)).toEqual([
      expect.objectContaining({ seen: '/refuse' }),
      expect.objectContaining({ seen: '/later' }),
    ]);
    connection.close();
  });

  it.each(['h2c', 'h2', 'websocket, h2c'])('is not even asked of the endpoint for %s', async (protocol) => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send([...upgradeRequest('/plain', protocol), 'HTTP2-Settings: AAMAAABkAAQAAP__']);
    await connection.untilReceived(/^HTTP\/1\.1 200 [\s\S]*\/plain at shop-1/);
    const [request] = endpoint.told.filter(({ seen }) => seen === '/plain');
    expect(request).not.toHaveProperty('upgrade');
    connection.send(NEXT);
    await connection.untilReceived(/\/next at shop-1/);
    connection.close();
  });

  it('is 502 where the endpoint switches protocols and nobody asked it to', async () => {
    const { status, body } = await stage().client(node).send({ path: '/switch-unasked' });
    expect(status).toBe(502);
    expect(body).toContain('UPSTREAM_');
  });
});
