import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const withFields = (fields: string, body = ''): string => `${OK}${fields}\r\n\r\n${body}`;
const chunked = (body: string): string => withFields('Transfer-Encoding: chunked', body);
const EVIL = okResponse('evil');

/** What an endpoint says, by name; each is a response to a request of its own. */
type Sayings = Readonly<Record<string, string>>;

/** No valid head: the client gets our 502, and nothing of it. */
const NO_HEADS: Sayings = {
  'headers of 1 MiB': withFields(`X-A: ${'a'.repeat(1_048_576)}`),
  'a thousand fields': withFields(Array(1_000).fill('X-A: b').join('\r\n')),
  'a reason of 1 MiB': `HTTP/1.1 200 ${'O'.repeat(1_048_576)}\r\n\r\n`,
  'CR in Set-Cookie': withFields('Content-Length: 2\r\nSet-Cookie: a=b\rSet-Cookie: c=d', 'ok'),
  'NUL in Set-Cookie': withFields('Content-Length: 2\r\nSet-Cookie: a=\0b', 'ok'),
  'LF in Set-Cookie': withFields('Content-Length: 2\r\nSet-Cookie: a=b\nSet-Cookie: c=d', 'ok'),
  'two lengths that differ': withFields('Content-Length: 2\r\nContent-Length: 3', 'abc'),
  'two lengths that agree': withFields('Content-Length: 2\r\nContent-Length: 2', 'ok'),
  'lengths in a list': withFields('Content-Length: 2, 2', 'ok'),
  'a negative length': withFields('Content-Length: -2', 'ok'),
  'a length with a plus': withFields('Content-Length: +2', 'ok'),
  'a hexadecimal length': withFields('Content-Length: 0x2', 'ok'),
  'a length beyond all numbers': withFields(`Content-Length: ${'9'.repeat(40)}`, 'ok'),
  'an empty length': withFields('Content-Length:', 'ok'),
  'a length and chunks': withFields(
    'Content-Length: 2\r\nTransfer-Encoding: chunked',
    '2\r\nok\r\n0\r\n\r\n',
  ),
  'another coding': withFields('Transfer-Encoding: gzip', 'ok'),
  'chunked twice': withFields('Transfer-Encoding: chunked, chunked', '2\r\nok\r\n0\r\n\r\n'),
  xchunked: withFields('Transfer-Encoding: xchunked', '2\r\nok\r\n0\r\n\r\n'),
  'a folded length': withFields('Content-Length:\r\n 2', 'ok'),
  'a space before the colon': withFields('Content-Length : 2', 'ok'),
  'an empty name': withFields(': 2', 'ok'),
  'no colon': withFields('Content-Length 2', 'ok'),
  'status 99': 'HTTP/1.1 99 No\r\nContent-Length: 0\r\n\r\n',
  'status 099': 'HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n',
  'status 600': 'HTTP/1.1 600 No\r\nContent-Length: 0\r\n\r\n',
  'status 1000': 'HTTP/1.1 1000 No\r\nContent-Length: 0\r\n\r\n',
  'status 0200': 'HTTP/1.1 0200 No\r\nContent-Length: 0\r\n\r\n',
  'status -200': 'HTTP/1.1 -200 No\r\nContent-Length: 0\r\n\r\n',
  'a status in letters': 'HTTP/1.1 2OO OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/2.0': 'HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.2': 'HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n',
  'chunks in HTTP/1.0': 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'an empty line first': `\r\n${okResponse('ok')}`,
  'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  TLS: '\x15\x03\x01\x00\x02\x02\x46\x00\x00\x00\x00\r\n\r\n',
  'a request': 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'lines that end in LF': 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
  'a flood of 1xx': `${'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(10_000)}${okResponse('ok')}`,
  'a flood of 100': `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10_000)}${okResponse('ok')}`,
  'a 101 that nobody asked for': `HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n${EVIL}`,
};

/** A valid head with a body that is none: the client sees that it is broken. */
const BROKEN_BODIES: Sayings = {
  'a negative chunk': chunked('2\r\nok\r\n-1\r\nx\r\n0\r\n\r\n'),
  'a chunk size of 17 digits': chunked('2\r\nok\r\n10000000000000001\r\nx\r\n0\r\n\r\n'),
  'a chunk size beyond 64 bits': chunked('2\r\nok\r\nffffffffffffffffffffffff\r\nx\r\n0\r\n\r\n'),
  'a chunk size with a prefix': chunked('0x2\r\nok\r\n0\r\n\r\n'),
  'a chunk size with a plus': chunked('+2\r\nok\r\n0\r\n\r\n'),
  'a chunk size with a blank': chunked('2 \r\nok\r\n0\r\n\r\n'),
  'a chunk without a size': chunked('\r\nok\r\n0\r\n\r\n'),
  'a chunk that is longer than it says': chunked('2\r\nokay\r\n0\r\n\r\n'),
  'a chunk that ends in LF': chunked('2\r\nok\n0\r\n\r\n'),
  'a chunk line that ends in LF': chunked('2\nok\r\n0\r\n\r\n'),
  'chunk extensions without end': chunked(`2;${'a'.repeat(1_048_576)}`),
  'a trailer with NUL': chunked('2\r\nok\r\n0\r\nX-A: \0\r\n\r\n'),
  'trailers of 1 MiB': chunked(`2\r\nok\r\n0\r\nX-A: ${'a'.repeat(1_048_576)}\r\n\r\n`),
};

interface Excess {
  readonly method?: string;
  readonly said: string;
  readonly status: number;
  readonly body: string;
}

/** A valid response and bytes that are none of it: the client gets the response, and nobody gets the rest. */
const EXCESSES: Readonly<Record<string, Excess>> = {
  'bytes after the length': { said: `${okResponse('ok')}more`, status: 200, body: 'ok' },
  'a second response': { said: `${okResponse('ok')}${EVIL}`, status: 200, body: 'ok' },
  'bytes after the last chunk': { said: `${chunked('2\r\nok\r\n0\r\n\r\n')}more`, status: 200, body: 'ok' },
  'a second response after chunks': { said: `${chunked('0\r\n\r\n')}${EVIL}`, status: 200, body: '' },
  'a body after 204': { said: `HTTP/1.1 204 No Content\r\n\r\n${EVIL}`, status: 204, body: '' },
  'a length and a body after 204': {
    said: `HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\nevil`,
    status: 204,
    body: '',
  },
  'a body after 304': { said: `HTTP/1.1 304 No\r\nContent-Length: 4\r\n\r\nevil`, status: 304, body: '' },
  'chunks after 304': {
    said: `HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n`,
    status: 304,
    body: '',
  },
  'a body after HEAD': { method: 'HEAD', said: okResponse('evil'), status: 200, body: '' },
};

/** The endpoint stays in use whatever it does, so that every case meets it. */
const forgiving = { pool: { outlierDetection: { consecutiveFailures: 1_000 } } };

describe.each(['wire', 'node'])('an endpoint that is hostile, behind server %s,', (server) => {
  const stage = useStage('file');
  const sayings = new Map<string, string>();
  let endpoint: RawEndpoint;
  let node: HoldfastNode;
  let client: HttpClient;

  beforeAll(async () => {
    endpoint = await stage().startRawEndpoint(({ target, connection }) => {
      connection.say(sayings.get(target) ?? okResponse(`${target} answered`));
    });
    const endpoints = [{ id: endpoint.id, url: endpoint.url }];
    node = await stage().startNode({ ...forgiving, endpoints, listener: { server } });
    client = stage().client(node);
  });

  /** Has the endpoint say that to the next request, which has a target of its own. */
  const prepare = (name: string, said: string): string => {
    const target = `/${server}-${encodeURIComponent(name)}`;
    sayings.set(target, said);
    return target;
  };

  /** The endpoint has heard the request once, nothing after it on that connection, and the next request is served. */
  const expectAftermath = async (target: string): Promise<void> => {
    const side = endpoint.connectionOf(target);
    await until('the proxy has ended the connection', () => side?.isEnded);
    expect(side?.targets.at(-1)).toBe(target);
    expect(await client.send({ path: '/next' })).toMatchObject({ status: 200, body: '/next answered' });
  };

  it.each(Object.entries(NO_HEADS))(
    '47: with %s is 502, and that connection serves nobody again',
    async (name, said) => {
      const target = prepare(name, said);
      const response = await client.send({ method: 'POST', path: target });
      expect(response.status).toBe(502);
      expect(response.body).toContain('code: UPSTREAM_BAD_RESPONSE');
      expect(response.headers).not.toHaveProperty('x-a');
      expect(response.setCookies.join()).not.toMatch(/a=|c=d/);
      expect(endpoint.timesReceived(` ${target} `)).toBe(1);
      await expectAftermath(target);
    },
  );

  it.each(Object.entries(BROKEN_BODIES))(
    '47: with %s is a response that is visibly broken off',
    async (name, said) => {
      const target = prepare(name, said);
      const connection = await RawConnection.open(node.ports.port);
      connection.send([`GET ${target} HTTP/1.1`, 'Host: shop.test']);
      await connection.untilEnded();
      connection.close();
      expect(connection.received).not.toMatch(/\r\n0\r\n\r\n$/);
      expect(connection.received).not.toContain('Content-Length');
      expect(endpoint.timesReceived(` ${target} `)).toBe(1);
      await expectAftermath(target);
    },
  );

  it.each(Object.entries(EXCESSES))(
    '47, 25: with %s is answered without the rest, and that connection serves nobody again',
    async (name, { method = 'GET', said, status, body }) => {
      const target = prepare(name, said);
      const connection = await RawConnection.open(node.ports.port);
      connection.send([`${method} ${target} HTTP/1.1`, 'Host: shop.test']);
      await connection.untilReceived(
        new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\n\\r\\n${body && '[\\s\\S]*'}${body}`),
      );
      connection.send(['GET /after HTTP/1.1', 'Host: shop.test', 'Connection: close']);
      await connection.untilEnded();
      connection.close();
      const responses = connection.received.split('HTTP/1.1 ').slice(1);
      expect(responses).toHaveLength(2);
      expect(responses[1]).toContain('/after answered');
      expect(connection.received).not.toMatch(/evil|more/);
      await expectAftermath(target);
    },
  );

  it('47: that speaks before it is asked is not listened to', async () => {
    const first = await client.send({ path: '/asked' });
    expect(first.body).toBe('/asked answered');
    const side = endpoint.connectionOf('/asked');
    side?.say(EVIL);
    await until('the proxy has ended the connection', () => side?.isEnded);
    expect((await client.send({ path: '/asked-again' })).body).toBe('/asked-again answered');
  });

  it.each([
    { name: 'half of a length, by FIN', said: withFields('Content-Length: 1000', 'half'), isReset: false },
    { name: 'half of a length, by RST', said: withFields('Content-Length: 1000', 'half'), isReset: true },
    { name: 'chunks without the last, by FIN', said: chunked('4\r\nhalf\r\n'), isReset: false },
    { name: 'chunks without the last, by RST', said: chunked('4\r\nhalf\r\n'), isReset: true },
    { name: 'a chunk of which half is there, by FIN', said: chunked('8\r\nhalf'), isReset: false },
    {
      name: 'trailers without their end, by FIN',
      said: chunked('4\r\nhalf\r\n0\r\nX-A: b\r\n'),
      isReset: false,
    },
  ])(
    '20, 21: that ends within a body ($name) leaves one that is visibly truncated, and is not asked again',
    async ({ name, said, isReset }) => {
      const target = prepare(name, said);
      const connection = await RawConnection.open(node.ports.port);
      connection.send([`GET ${target} HTTP/1.1`, 'Host: shop.test']);
      await connection.untilReceived(/half/);
      const side = endpoint.connectionOf(target);
      if (isReset) side?.socket.resetAndDestroy();
      else side?.socket.end();
      await connection.untilEnded();
      connection.close();
      expect(connection.received).not.toMatch(/\r\n0\r\n/);
      expect(endpoint.timesReceived(` ${target} `)).toBe(1);
    },
  );
});
