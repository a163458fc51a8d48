import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRequest } from '../../packages/proxy/src/codec/testing/reading.ts';
import { readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type ClientText, otherwise } from '../support/refused.ts';
import { useStage } from '../support/stage.ts';

/** What would be read as a request of its own by whoever finds another end of the message before it. */
const SMUGGLED = '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: shop.test\r\n\r\n';

const LENGTHS = [
  ...['+5', '-5', '05', '005', '0x5', '5 5', '5,5', '5, 5', ',5', '5,', '5;', '5.0', '5e0', '1_0', '"5"'],
  ...['', 'five', '\x0b5', '5\x0c', '5\0', '\xa05', '\xb2', 'Infinity', 'NaN'],
  ...['9007199254740992', '18446744073709551621', '9'.repeat(300)],
];
const CODINGS = [
  ...['', ',chunked', 'chunked,', 'chunked, chunked', 'chunked,chunked', 'xchunked', 'chunkedx', 'chun ked'],
  ...['chunked;q=1', 'identity', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, identity', '"chunked"'],
  ...['\x0bchunked', 'chunked\x0b', '\x0cchunked', 'chunked\0', '\xa0chunked', 'chunked\x7f', "'chunked'"],
];

/** Field lines of which any one makes the end of the message a matter of opinion. */
const AMBIGUITIES: readonly string[] = [
  ...LENGTHS.map((length) => `Content-Length: ${length}`),
  ...CODINGS.map((coding) => `Transfer-Encoding: ${coding}`),
  ...['5\r\nContent-Length: 5', '5\r\nContent-Length: 6', '0\r\nContent-Length: 5'].map(
    (lengths) => `Content-Length: ${lengths}`,
  ),
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Transfer-Encoding: chunked\r\nContent-Length: 0',
  'Content-Length: 5\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  ...['\r\n chunked', '\r\n\tchunked', ' chunked\r\n ', '\r\n\r\n chunked'].map(
    (folded) => `Transfer-Encoding:${folded}`,
  ),
  'Content-Length:\r\n 5',
  'Content-Length: 1\r\n 0',
  'X-Kept: a\r\n Transfer-Encoding: chunked',
  ...[' ', '\t', '\0', '\x0b', '\xa0'].flatMap((between) => [
    `Transfer-Encoding${between}: chunked`,
    `Content-Length${between}: 5`,
  ]),
  ...['\x0b', '\0', '\xa0', '\n', '\r'].map((before) => `X-Kept: a\r\n${before}Transfer-Encoding: chunked`),
  'X-Kept: a\nTransfer-Encoding: chunked',
  'X-Kept: a\rTransfer-Encoding: chunked',
  'Content-Length: 5\nTransfer-Encoding: chunked',
];

const spellings: Readonly<Record<string, (lines: string) => string>> = {
  'as usual': (lines) => lines,
  'in lower case': (lines) => lines.toLowerCase(),
  'in upper case, close to the colon': (lines) => lines.toUpperCase().replaceAll(': ', ':'),
  'after a tab': (lines) => lines.replaceAll(': ', ':\t'),
};
const positions: Readonly<Record<string, (lines: string) => string>> = {
  first: (lines) => `${lines}\r\nHost: shop.test\r\nX-Other: 1`,
  'between others': (lines) => `Host: shop.test\r\n${lines}\r\nX-Other: 1`,
  last: (lines) => `Host: shop.test\r\nX-Other: 1\r\n${lines}`,
};

/** Every ambiguity in every spelling and position. */
const everyAmbiguity = (): readonly ClientText[] =>
  AMBIGUITIES.flatMap((lines) =>
    Object.entries(spellings).flatMap(([spelling, spell]) =>
      Object.entries(positions).map(([position, place]) => ({
        name: `${JSON.stringify(lines)} ${spelling}, ${position}`,
        text: `POST /ambiguous HTTP/1.1\r\n${place(spell(lines))}\r\n\r\n${SMUGGLED}`,
      })),
    ),
  );

const inHttp10 = (lines: string): ClientText => ({
  name: `${JSON.stringify(lines)} in HTTP/1.0`,
  text: `POST /ambiguous HTTP/1.0\r\nHost: shop.test\r\n${lines}\r\n\r\n${SMUGGLED}`,
});

const asSecond = ({ name, text }: ClientText): ClientText => ({
  name: `${name}, as the second request`,
  text: `GET /first HTTP/1.1\r\nHost: shop.test\r\n\r\n${text}`,
});

const usual = (lines: string): ClientText => ({
  name: JSON.stringify(lines),
  text: `POST /ambiguous HTTP/1.1\r\nHost: shop.test\r\n${lines}\r\n\r\n${SMUGGLED}`,
});

describe('a request whose end is a matter of opinion', () => {
  const stage = useStage();

  const arrange = async (server = 'wire'): Promise<{ endpoint: RawEndpoint; port: number }> => {
    const endpoint = await stage().startRawEndpoint(({ target, connection }) =>
      connection.say(okResponse(target)),
    );
    const node = await stage().startNode({ listener: { server } });
    return { endpoint, port: node.ports.port };
  };

  it('S1, 41: is 400 and close, and no byte of it or after it reaches an endpoint, however it is written', async () => {
    const { endpoint, port } = await arrange();
    const cases = [
      ...everyAmbiguity(),
      ...['Transfer-Encoding: chunked', ...AMBIGUITIES].map((lines) => inHttp10(lines)),
    ];
    expect(cases.length).toBeGreaterThan(1_000);
    expect(await otherwise(port, '400 close closed', cases)).toEqual([]);
    expect(endpoint.heard).toEqual([]);
  });

  it('S1, 41: is 400 and close after a good one on the same connection, which alone reaches the endpoint', async () => {
    const { endpoint, port } = await arrange();
    const cases = AMBIGUITIES.map((lines) => asSecond(usual(lines)));
    expect(await otherwise(port, '200 400 close closed', cases)).toEqual([]);
    const targets = endpoint.connections.flatMap((connection) => connection.targets);
    expect(targets).toEqual(Array(cases.length).fill('/first'));
    expect(endpoint.received).not.toMatch(/ambiguous|smuggled/);
  });

  it('S1, 41: is 400 and close on server node as well, with nothing for the endpoint', async () => {
    const { endpoint, port } = await arrange('node');
    // A kept connection would carry a smuggled request at once, before anybody could think better of it.
    await stage().client(`http://127.0.0.1:${port}`).send({ path: '/first' });
    const cases = [...AMBIGUITIES.map((lines) => usual(lines)), inHttp10('Transfer-Encoding: chunked')];
    expect(await otherwise(port, '400 close closed', cases)).toEqual([]);
    expect(endpoint.connections.map(({ targets }) => targets)).toEqual([['/first']]);
  });
});

/** Bodies in chunks that break a rule. Some reader takes each of them to end where the next one does not. */
const BROKEN_CHUNKS: readonly string[] = [
  ...['0x5', '+5', '-5', ' 5', '5 ', '\t5', '5\t', '5 ;a', '1_0', '5h', '', ';a', '\xb5', '5\0', '5\x0b'].map(
    (size) => `${size}\r\nhello\r\n`,
  ),
  ...['10000000000000005', 'fffffffffffffffff', 'ffffffffffffffff', '8000000000000000'].map(
    (size) => `${size}\r\nhello\r\n`,
  ),
  ...['5\nhello\r\n', '5\rhello\r\n', '5\r\r\nhello\r\n', '5;a\nhello\r\n', '5;a\rb\r\nhello\r\n'],
  ...['5;\r\nhello\r\n', '5;a=\r\nhello\r\n', '5; a\r\nhello\r\n', '5;a="\r\n"\r\nhello\r\n'],
  ...['5;a\0\r\nhello\r\n', '5;a="b"c\r\nhello\r\n', `5;a="${'\\'.repeat(3)}"\r\nhello\r\n`],
  ...['5\r\nhello!\r\n', '5\r\nhello\n', '5\r\nhello\r', '5\r\nhello', '5\r\nhell\r\n', '5\r\nhello\r\n\r\n'],
  ...[
    '0\r\n X: 1\r\n\r\n',
    '0\r\nX: \0\r\n\r\n',
    '0\r\nX : 1\r\n\r\n',
    '0\r\nX: 1\n\r\n',
    '0\n\n',
    '0\r\n\n',
  ],
  `1;${'a'.repeat(8_192)}\r\nx\r\n`.repeat(3),
];

const CHUNKED_HEAD = 'POST /broken HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a request in chunks', () => {
  const stage = useStage('file');
  let raw: RawEndpoint;
  let node: HoldfastNode;
  let echoing: HoldfastNode;

  beforeAll(async () => {
    raw = await stage().startRawEndpoint(({ method, target, connection }) => {
      // A broken request must look unfinished to its endpoint, so there is nothing to answer.
      if (method === 'GET') connection.say(okResponse(target));
    });
    const [endpoint] = await stage().startEndpoints(1);
    [node, echoing] = await Promise.all([
      stage().startNode({ endpoints: [{ id: raw.id, url: raw.url }] }),
      stage().startNode({ endpoints: [{ id: 'shop-1', url: endpoint?.url ?? '' }] }),
    ]);
  });

  it('42: that break a rule is 400 and close, and never a complete one for the endpoint', async () => {
    const cases = BROKEN_CHUNKS.flatMap((body) =>
      ['', '3\r\nabc\r\n'].map((before) => ({
        name: JSON.stringify(before + body).slice(0, 60),
        text: `${CHUNKED_HEAD}${before}${body}${SMUGGLED}`,
      })),
    );
    expect(await otherwise(node.ports.port, '400 close closed', cases)).toEqual([]);
    expect(raw.received).not.toMatch(/smuggled|(?:^|\r\n)0+\r\n/);
    for (const text of raw.heard) expect(['', '/broken']).toContain(messagesIn(text).join());
  });

  it('42: is framed anew: the endpoint gets one request with the same body, whatever the chunks were', async () => {
    const chunk = fc.record({
      data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      zeros: fc.nat({ max: 4 }),
      extension: fc.constantFrom('', ';a', ';a=b', ';a="0\t;"', ';a=b;c="\\"\\\\"'),
      isUpper: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 6 }),
        fc.constantFrom('0', '000'),
        async (chunks, last) => {
          const lines = chunks.map(({ data, zeros, extension, isUpper }) => {
            const size = '0'.repeat(zeros) + data.length.toString(16);
            return `${isUpper ? size.toUpperCase() : size}${extension}\r\n${Buffer.from(data).toString('latin1')}\r\n`;
          });
          const head = ['POST /echo HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Connection: close'];
          const response = await rawRequest(echoing.ports.port, head, `${lines.join('')}${last}\r\n\r\n`);
          const body = Buffer.concat(chunks.map(({ data }) => data));
          expect(response.status).toBe(200);
          expect(readEcho(response)).toMatchObject({
            bodyLength: body.length,
            bodySha256: createHash('sha256').update(body).digest('hex'),
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('42: on server node that break a rule is refused, or framed anew as all the endpoint gets', async () => {
    const endpoint = await stage().startRawEndpoint(() => {});
    const other = await stage().startNode({
      endpoints: [{ id: endpoint.id, url: endpoint.url }],
      listener: { server: 'node' },
    });
    const cases = BROKEN_CHUNKS.map((body) => ({ name: JSON.stringify(body), text: CHUNKED_HEAD + body }));
    // Some wait for more of a chunk that is too large to ever come; that is Node's right, and no harm to the endpoint.
    await otherwise(other.ports.port, '400 close closed', cases, 300);
    for (const text of endpoint.heard) expect(['', '/broken']).toContain(messagesIn(text).join());
  });
});

/** The targets of the messages in what an endpoint got, by a strict reading; the last one may be unfinished. */
function messagesIn(text: string): readonly unknown[] {
  const message = readRequest(text);
  if (message.outcome === 'partial') return message.startLine === undefined ? [] : [message.startLine[1]];
  if (message.outcome !== 'complete') return [message.outcome];
  return [message.startLine?.[1], ...messagesIn(text.slice(message.length))];
}
