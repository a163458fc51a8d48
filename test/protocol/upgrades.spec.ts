import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { useStage } from '../support/stage.ts';
import { until, untilStill } from '../support/until.ts';

const upgrade = (protocol: string, target: string): readonly string[] => [
  `GET ${target} HTTP/1.1`,
  'Host: shop.test',
  'Connection: Upgrade',
  `Upgrade: ${protocol}`,
];
const AHEAD = 'GET /admin HTTP/1.1\r\nHost: shop.test\r\nX-Request-Id: forged\r\n\r\n';
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n';

describe('bytes behind an upgrade request', () => {
  const stage = useStage('file');
  let endpoint: RawEndpoint;
  let node: HoldfastNode;
  let connection: RawConnection;
  let target = '';
  let asked = 0;

  /** One endpoint for `/public` alone, which leaves its requests to the test. */
  beforeAll(async () => {
    endpoint = await stage().startRawEndpoint(() => {});
    const routes = [{ match: { path: '/public' }, pool: 'shop' }];
    node = await stage().startNode({ listener: { pool: undefined, routes } });
  });

  beforeEach(async () => {
    target = `/public/${++asked}`;
    connection = await RawConnection.open(node.ports.port);
    return () => connection.close();
  });

  const endpointSide = () => until('the endpoint has the request', () => endpoint.connectionOf(target));

  it.each(['foo', 'websocket', 'foo/1, bar', 'WebSocket'])(
    'S2, 46: wait for the endpoint’s answer, and are a request to us unless it is 101 (Upgrade: %s)',
    async (protocol) => {
      connection.send(upgrade(protocol, target), AHEAD);
      const side = await endpointSide();
      const heard = await untilStill('what the endpoint heard', () => side.received.length);
      expect(side.received.slice(0, heard)).not.toContain('/admin');
      side.say(okResponse('no upgrade\n'));
      // The route table has no place for /admin: it is our answer, and not an endpoint's.
      await connection.untilReceived(/no upgrade\nHTTP\/1\.1 404 [\s\S]*DOWNSTREAM_NO_ROUTE/);
      expect(endpoint.received).not.toMatch(/admin|forged/);
    },
  );

  it.each([204, 304, 400, 426, 502])('S2, 46: are a request to us after a %i as well', async (status) => {
    connection.send(upgrade('foo', target), AHEAD);
    const side = await endpointSide();
    side.say(
      `HTTP/1.1 ${status} No\r\n${status === 204 || status === 304 ? '' : 'Content-Length: 0\r\n'}\r\n`,
    );
    await connection.untilReceived(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*HTTP/1\\.1 404 `));
    expect(endpoint.received).not.toContain('/admin');
  });

  it('S2: are the tunnel’s after the endpoint’s 101, byte for byte and in both directions', async () => {
    connection.send(upgrade('foo', target), AHEAD);
    const side = await endpointSide();
    side.say(`${SWITCHING}hello`);
    await connection.untilReceived(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nhello$/);
    await until('what was sent ahead has come through', () => side.received.endsWith(AHEAD));
    connection.socket.write('more');
    await until('more of it comes through', () => side.received.endsWith(`${AHEAD}more`));
    side.say('and back');
    await connection.untilReceived(/helloand back$/);
  });

  it('S2: never follow an interim response into a tunnel', async () => {
    connection.send(upgrade('foo', target), AHEAD);
    const side = await endpointSide();
    side.say('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    await connection.untilReceived(/^HTTP\/1\.1 103 /);
    await untilStill('what the endpoint heard', () => side.received.length);
    expect(side.received).not.toContain('/admin');
    side.say(okResponse(''));
    await connection.untilReceived(/HTTP\/1\.1 200 [\s\S]*HTTP\/1\.1 404 /);
  });
});

describe('an endpoint that switches protocols', () => {
  const stage = useStage('file');
  let endpoint: RawEndpoint;
  let node: HoldfastNode;

  beforeAll(async () => {
    endpoint = await stage().startRawEndpoint(({ connection }) => connection.say(`${SWITCHING}evil`));
    node = await stage().startNode({ pool: { outlierDetection: { consecutiveFailures: 1_000 } } });
  });

  it.each([
    { name: 'no word of it', head: ['GET / HTTP/1.1', 'Host: a'] },
    { name: 'Upgrade but no Connection', head: ['GET / HTTP/1.1', 'Host: a', 'Upgrade: foo'] },
    { name: 'Connection but no Upgrade', head: ['GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade'] },
    { name: 'HTTP/1.0', head: ['GET / HTTP/1.0', 'Host: a', 'Connection: Upgrade', 'Upgrade: foo'] },
    { name: 'h2c', head: ['GET / HTTP/1.1', 'Host: a', 'Connection: Upgrade', 'Upgrade: h2c'] },
    { name: 'a POST', head: ['POST / HTTP/1.1', 'Host: a', 'Content-Length: 0'] },
  ])('46: is 502 where the client did not ask for it ($name), and carries nothing on', async ({ head }) => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(head);
    await connection.untilReceived(/^HTTP\/1\.[01] 502 [\s\S]*UPSTREAM_BAD_RESPONSE/);
    expect(connection.received).not.toContain('evil');
    await until('its connection is ended', () => endpoint.connections.every(({ isEnded }) => isEnded));
    connection.close();
  });
});
