import { describe, expect, it } from 'vitest';
import { RawConnection } from '../support/raw-connection.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** The rest of a body that is a request to whoever forgets that it is a body. */
const REST = 'GET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';
const CHUNK = `${REST.length.toString(16)}\r\n${REST}\r\n0\r\n\r\n`;

describe('a response that comes before its request is complete', () => {
  const stage = useStage();

  const arrange = async (): Promise<{ endpoint: RawEndpoint; port: number }> => {
    const endpoint = await stage().startRawEndpoint(({ target, connection }) => {
      connection.say(okResponse(`${target} answered\n`));
    });
    return { endpoint, port: (await stage().startNode()).ports.port };
  };

  it.each([
    { name: 'by length', framing: `Content-Length: ${REST.length}`, rest: REST },
    { name: 'in chunks', framing: 'Transfer-Encoding: chunked', rest: CHUNK },
  ])(
    'S3: ends both connections, so that the rest of the body ($name) is nobody’s next request',
    async ({ framing, rest }) => {
      const { endpoint, port } = await arrange();
      const connection = await RawConnection.open(port);
      connection.send(['POST /early HTTP/1.1', 'Host: shop.test', framing]);
      const [head] = await connection.untilReceived(/^HTTP\/1\.1 200 [\s\S]*\/early answered\n/);
      expect(head).toContain('\r\nConnection: close\r\n');
      connection.socket.write(`${rest}${REST}`);
      await connection.untilEnded();
      expect(connection.received).not.toContain('/smuggled answered');
      connection.close();

      const early = endpoint.connectionOf('/early');
      await until('the proxy has ended the endpoint’s connection', () => early?.isEnded);
      expect(early?.targets).toEqual(['/early']);
      const next = await stage().client(`http://127.0.0.1:${port}`).send({ path: '/next' });
      expect(next.body).toBe('/next answered\n');
      expect(endpoint.connectionOf('/next')).not.toBe(early);
      expect(endpoint.received).not.toContain('/smuggled');
    },
  );

  it('S3: leaves both connections in use where the rest has come by then', async () => {
    const { endpoint, port } = await arrange();
    const connection = await RawConnection.open(port);
    connection.send(['POST /whole HTTP/1.1', 'Host: shop.test', 'Content-Length: 4'], 'body');
    await connection.untilReceived(/\/whole answered\n$/);
    connection.send(['GET /next HTTP/1.1', 'Host: shop.test']);
    await connection.untilReceived(/\/next answered\n$/);
    expect(endpoint.connections.length).toBeLessThanOrEqual(2);
    connection.close();
  });
});
