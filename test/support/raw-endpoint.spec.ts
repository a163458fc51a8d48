import { afterEach, describe, expect, it } from 'vitest';
import { okResponse, RawEndpoint } from './raw-endpoint.ts';
import { rawRequest } from './raw-request.ts';
import { until } from './until.ts';

describe('a raw endpoint', () => {
  let endpoint: RawEndpoint;

  afterEach(() => endpoint.close());

  it('notices each head, answers as it is told, and tells its connections apart', async () => {
    endpoint = await RawEndpoint.start('shop-1', ({ target, connection }) => {
      connection.say(okResponse(target));
      connection.socket.end();
    });
    const port = Number(new URL(endpoint.url).port);
    const first = await rawRequest(port, ['POST /a HTTP/1.1', 'Content-Length: 4'], 'body');
    const second = await rawRequest(port, ['GET /b HTTP/1.1']);
    expect([first.body, second.body]).toEqual(['/a', '/b']);
    expect(endpoint.connections.map(({ targets }) => targets)).toEqual([['/a'], ['/b']]);
    expect(endpoint.timesReceived('body')).toBe(1);
    const connection = endpoint.connectionOf('/b');
    await until('it sees that its client is gone', () => connection?.isEnded);
  });

  it('notices a request within the body of another, which is what smuggling looks like', async () => {
    endpoint = await RawEndpoint.start('shop-1', ({ connection }) => {
      connection.socket.end(okResponse(''));
    });
    await rawRequest(
      Number(new URL(endpoint.url).port),
      ['POST /a HTTP/1.1'],
      'xGET /smuggled HTTP/1.1\r\n\r\n',
    );
    expect(endpoint.connections[0]?.targets).toEqual(['/a', '/smuggled']);
  });
});
