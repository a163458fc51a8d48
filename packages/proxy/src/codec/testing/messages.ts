import fc from 'fast-check';
import { fieldName, recognisedKinds } from '../field-kind.ts';

/** Generators of valid messages, as text of one character per byte. */

const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const token = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...TOKEN_CHARACTERS), minLength: 1, maxLength });

const latin1 = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));
const text = fc.string({
  unit: fc.oneof(latin1(0x20, 0x7e), latin1(0x80, 0xff), fc.constant('\t')),
  maxLength: 40,
});
const blanks = fc.constantFrom(' ', '', '  ', '\t', ' \t ');

/** Names whose values are ours to make below. */
const SPOKEN_FOR = new Set(['host', 'content-length', 'transfer-encoding', 'connection']);
const freeName = fc
  .oneof(
    token(20),
    fc.constantFrom(...recognisedKinds.map(fieldName), 'x_forwarded_for', 'Accept', 'X-Trace'),
  )
  .filter((name) => !SPOKEN_FOR.has(name.toLowerCase()));

const line = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc
    .tuple(name, blanks, value, blanks)
    .map(([key, before, content, after]) => `${key}:${before}${content}${after}\r\n`);
const freeLines = fc.array(line(freeName, text), { maxLength: 12 });

const host = fc.constantFrom(
  'example.com',
  'a',
  'shop.example.com:8080',
  '[2001:db8::1]:80',
  '10.0.0.1',
  'x%41.org:',
);
const connection = fc.constantFrom('close', 'keep-alive', 'Upgrade, x-trace', 'keep-alive, TE', 'accept,,x');
const optional = (arbitrary: fc.Arbitrary<string>) => fc.oneof(fc.constant(''), arbitrary);

const extension = fc.constantFrom('', '', ';a', ';a=b', ';a="b;\\" \t"');
const chunk = fc
  .tuple(fc.string({ unit: latin1(0, 0xff), minLength: 1, maxLength: 40 }), extension)
  .map(([data, ext]) => `${data.length.toString(16)}${ext}\r\n${data}\r\n`);

/** A chunked body with its trailers. */
export const chunkedBody = fc
  .tuple(
    fc.array(chunk, { maxLength: 5 }),
    fc.constantFrom('0', '000'),
    fc.array(line(freeName, text), { maxLength: 2 }),
  )
  .map(([chunks, last, trailers]) => `${chunks.join('')}${last}\r\n${trailers.join('')}\r\n`);

interface Framed {
  readonly field: string;
  readonly body: string;
}
const framed: fc.Arbitrary<Framed> = fc.oneof(
  fc.constant({ field: '', body: '' }),
  fc
    .string({ unit: latin1(0, 0xff), maxLength: 80 })
    .map((body) => ({ field: `content-LENGTH: ${body.length}\r\n`, body })),
  chunkedBody.map((body) => ({ field: 'Transfer-Encoding: Chunked\r\n', body })),
);

/** Field lines in any order, the one that frames the body among them. */
const section = (own: fc.Arbitrary<string>, { field }: Framed) =>
  fc
    .tuple(own, freeLines, optional(line(fc.constantFrom('Connection', 'connection'), connection)))
    .chain(([first, others, last]) =>
      fc.shuffledSubarray([first, ...others, last, field], { minLength: others.length + 3 }),
    )
    .map((lines) => `${lines.join('')}\r\n`);

const query = fc.string({ unit: fc.constantFrom(...'abc=&%2F?/"{}|'), maxLength: 12 });
const target = fc.oneof(
  query.map((path) => `/${path}`),
  fc.tuple(host, query).map(([authority, path]) => `http://${authority}/${path}`),
  fc.constantFrom('HTTPS://example.com', 'http://h?x=1'),
);
const method = fc
  .oneof(fc.constantFrom('GET', 'POST', 'HEAD', 'M-SEARCH'), token(12))
  .filter((name) => name !== 'CONNECT');

/** A whole request. */
export const request = framed.chain((framing) =>
  fc
    .tuple(
      fc.constantFrom('', '', '\r\n'),
      method,
      target,
      section(line(fc.constantFrom('Host', 'HOST'), host), framing),
    )
    .map(([empty, verb, uri, fields]) => `${empty}${verb} ${uri} HTTP/1.1\r\n${fields}${framing.body}`),
);

/** A whole response, except for a body that reaches until the connection closes. */
export const response = framed.chain((framing) =>
  fc
    .tuple(fc.constantFrom(200, 200, 201, 302, 404, 503, 599), text, section(fc.constant(''), framing))
    .map(([status, reason, fields]) => `HTTP/1.1 ${status} ${reason}\r\n${fields}${framing.body}`),
);

/** Lengths of the pieces in which something arrives; the rest comes in one. */
export const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 30 });
