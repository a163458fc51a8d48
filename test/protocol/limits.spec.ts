import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type ClientText, otherwise } from '../support/refused.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
const BODY_MAX = MIB;
const CHUNK = `10000\r\n${'x'.repeat(0x10000)}\r\n`;

const get = (target: string, ...fields: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\nHost: shop.test\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;

const TOO_MUCH_IN_FIELDS: readonly ClientText[] = [
  { name: 'the 101st field', text: get('/', ...Array<string>(100).fill('X-A: b')) },
  { name: 'a thousand fields', text: get('/', ...Array<string>(1_000).fill('a:')) },
  { name: '17 KiB in one field', text: get('/', `X-A: ${'a'.repeat(17 * 1_024)}`) },
  { name: '17 KiB in 90 fields', text: get('/', ...Array<string>(90).fill(`X-A: ${'a'.repeat(190)}`)) },
  { name: '17 KiB in a name', text: get('/', `${'a'.repeat(17 * 1_024)}: b`) },
  { name: '10,000 cookies', text: get('/', `Cookie: ${'a=b; '.repeat(10_000)}`) },
  { name: '1 MiB, and no end in sight', text: get('/', `X-A: ${'a'.repeat(MIB)}`).slice(0, -4) },
];
const TOO_LONG: readonly ClientText[] = [
  { name: '9 KiB of path', text: get(`/${'a'.repeat(9 * 1_024)}`) },
  { name: '9 KiB of query', text: get(`/?${'a'.repeat(9 * 1_024)}`) },
  { name: '9 KiB in absolute form', text: get(`http://shop.test/${'a'.repeat(9 * 1_024)}`) },
  { name: '1 MiB, and no end in sight', text: `GET /${'a'.repeat(MIB)}` },
];

describe.each(['wire', 'node'])('more than a listener on server %s takes', (server) => {
  const stage = useStage('file');
  let raw: RawEndpoint;
  let node: HoldfastNode;

  beforeAll(async () => {
    raw = await stage().startRawEndpoint(({ method, target, connection }) => {
      if (method === 'GET') connection.say(okResponse(target));
    });
    node = await stage().startNode({ listener: { server, limits: { bodyBytes: BODY_MAX } } });
  });

  it('L1, 47: in header fields is 431 and close, with nothing for the endpoint', async () => {
    // Node closes at once: what it has not read by then makes a reset of it, which may overtake the answer.
    const cases = TOO_MUCH_IN_FIELDS.filter(({ text }) => server === 'wire' || text.length < MIB);
    expect(await otherwise(node.ports.port, '431 close closed', cases)).toEqual([]);
    expect(raw.heard).toEqual([]);
  });

  it.runIf(server === 'wire')(
    'L1, 47: in a target is 414 and close, with nothing for the endpoint',
    async () => {
      expect(await otherwise(node.ports.port, '414 close closed', TOO_LONG)).toEqual([]);
      expect(raw.heard).toEqual([]);
    },
  );

  it('L1: is not what just fits: 100 fields, a long target, 1,000 cookies', async () => {
    const cookies = Array.from({ length: 1_000 }, (_, index) => `c${index}=${index}`).join('; ');
    const fields = Array.from({ length: 97 }, (_, index) => `X-${index}: ${index}`);
    // Node counts the target among the 16 KiB, too.
    const path = `/${'a'.repeat(server === 'wire' ? 8_191 : 2_000)}`;
    const head = [
      `GET ${path} HTTP/1.1`,
      'Host: shop.test',
      'Connection: close',
      `Cookie: ${cookies}`,
      ...fields,
    ];
    expect(await rawRequest(node.ports.port, head)).toMatchObject({ status: 200, body: path });
    const received = raw.connectionOf(path)?.received;
    for (const line of [`Cookie: ${cookies}`, ...fields]) expect(received).toContain(`\r\n${line}\r\n`);
  });

  it('L1, 47: in an announced body of 1 GiB is 413 before any of it is read, with nothing for the endpoint', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['POST /announced HTTP/1.1', 'Host: shop.test', `Content-Length: ${1024 * MIB}`]);
    await connection.untilReceived(/^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n/i);
    connection.close();
    expect(raw.received).not.toContain('announced');
  });

  it.each([
    { name: 'in one chunk of 1 GiB', opening: '40000000\r\n', piece: 'x'.repeat(0x10000) },
    { name: 'in chunks of 64 KiB', opening: '', piece: CHUNK },
  ])(
    'L1, 47: in a body $name is 413 as soon as it is too much, not a complete request for the endpoint, and no memory',
    async ({ opening, piece }) => {
      await forgetPeakMemory(node.child.pid);
      const before = await peakMemory(node.child.pid);
      const connection = await RawConnection.open(node.ports.port);
      connection.send(['POST /streamed HTTP/1.1', 'Host: shop.test', 'Transfer-Encoding: chunked'], opening);
      const flood = (): void => {
        while (!connection.isEnded && connection.socket.write(piece, 'latin1'));
      };
      connection.socket.on('drain', flood);
      flood();
      await connection.untilReceived(/^HTTP\/1\.1 413 [\s\S]*\r\nConnection: close\r\n/i);
      connection.close();
      expect((await peakMemory(node.child.pid)) - before).toBeLessThan(40 * MIB);
      const streamed = raw.connections.filter(({ received }) => received.includes(' /streamed '));
      await until('their connections are ended', () => streamed.every(({ isEnded }) => isEnded));
      for (const { received } of streamed) {
        expect(received).not.toMatch(/\r\n0\r\n\r\n$/);
        expect(received.length).toBeLessThan(BODY_MAX + 0.2 * MIB);
      }
    },
  );

  it('47: leaves everybody else served', async () => {
    expect(await stage().client(node).send({ path: '/legit' })).toMatchObject({
      status: 200,
      body: '/legit',
    });
  });
});
