import { describe, expect, it } from 'vitest';
import { okResponse } from '../support/raw-endpoint.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type ClientText, otherwise } from '../support/refused.ts';
import { useStage } from '../support/stage.ts';

const bytes = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index));
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/;
/** RFC 9110 section 5.5, with CR and LF among them: a line that ends in neither both nor none is no line. */
const NOT_IN_VALUES = [...bytes(0, 0x1f).filter((byte) => byte !== '\t'), '\x7f'];
/** RFC 9110 section 5.6.2; a colon ends a name. */
const NOT_IN_NAMES = bytes(0, 0xff).filter((byte) => !TOKEN.test(byte) && byte !== ':');
const NOT_IN_TARGETS = bytes(0, 0x1f).concat(bytes(0x7f, 0xff));

const shown = (byte: string): string => `0x${byte.charCodeAt(0).toString(16)}`;
const around = (byte: string): readonly string[] => [`${byte}ab`, `a${byte}b`, `ab${byte}`];

/** Field lines with a byte that no field may have, at the start, in the middle and at the end of name and value. */
const LINES: readonly ClientText[] = [
  ...NOT_IN_VALUES.flatMap((byte) =>
    around(byte).map((value, index) => ({
      name: `${shown(byte)} in a value, ${index}`,
      text: `X-A: ${value}`,
    })),
  ),
  ...NOT_IN_NAMES.flatMap((byte) =>
    around(byte).map((name, index) => ({
      name: `${shown(byte)} in a name, ${index}`,
      text: `X: 1\r\n${name}: x`,
    })),
  ),
  { name: 'an empty name', text: ': x' },
  { name: 'no colon', text: 'X-A' },
];

const requestWith = (startLine: string, line: string): string =>
  `${startLine}\r\nHost: shop.test\r\n${line}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('a control byte', () => {
  const stage = useStage();

  it.each(['wire', 'node'])(
    'H4: in a field or the target of a request is 400 and close, in whatever place (server %s)',
    async (server) => {
      const endpoint = await stage().startRawEndpoint(({ target, connection }) => {
        connection.say(okResponse(target));
      });
      const node = await stage().startNode({ listener: { server } });
      const cases = [
        ...LINES.map(({ name, text }) => ({ name, text: requestWith('GET / HTTP/1.1', text) })),
        ...NOT_IN_TARGETS.flatMap((byte) => [
          { name: `${shown(byte)} in a path`, text: requestWith(`GET /a${byte}b HTTP/1.1`, 'X: 1') },
          { name: `${shown(byte)} in a query`, text: requestWith(`GET /a?${byte}b HTTP/1.1`, 'X: 1') },
        ]),
      ];
      expect(cases.length).toBeGreaterThan(500);
      expect(await otherwise(node.ports.port, '400 close closed', cases)).toEqual([]);
      expect(endpoint.heard).toEqual([]);
    },
  );

  it('H4: in a field of a response is 502, and its connection serves nobody after that', async () => {
    const cases = [
      ...LINES,
      ...NOT_IN_VALUES.map((byte) => ({
        name: `${shown(byte)} in Set-Cookie`,
        text: `Set-Cookie: a=${byte}b`,
      })),
    ];
    const endpoint = await stage().startRawEndpoint(({ target, connection }) => {
      const line = cases[Number(target.slice(1))]?.text ?? 'X: 1';
      connection.say(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${line}\r\n\r\nok`);
    });
    const node = await stage().startNode({ pool: { outlierDetection: { consecutiveFailures: 1_000 } } });
    const client = stage().client(node, 16);
    const responses = await Promise.all(
      cases.map((_, index) => client.send({ method: 'POST', path: `/${index}` })),
    );
    const passed = responses.flatMap(({ status }, index) => (status === 502 ? [] : [cases[index]?.name]));
    expect(passed).toEqual([]);
    for (const { targets } of endpoint.connections) expect(targets.length).toBeLessThanOrEqual(1);
    expect(await client.send({ path: '/fine' })).toMatchObject({ status: 200, body: 'ok' });
  });

  it('H4: between 0x80 and 0xff, and a tab, are what values may have, and pass both ways as they are', async () => {
    const value = `a\tb${bytes(0x80, 0xff).join('')}`;
    await stage().startRawEndpoint(({ connection }) => {
      const [, given = 'nothing'] = /\r\nX-Value: (.*)\r\n/.exec(connection.received) ?? [];
      connection.say(`HTTP/1.1 200 OK\r\nX-Given: ${given}\r\nContent-Length: 0\r\n\r\n`);
    });
    const node = await stage().startNode();
    const head = ['GET / HTTP/1.1', 'Host: shop.test', 'Connection: close', `X-Value: ${value}`];
    expect((await rawRequest(node.ports.port, head)).fields).toContain(`X-Given: ${value}`);
  });
});
