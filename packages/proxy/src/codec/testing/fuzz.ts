import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Clock, type Random, systemClock } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import { type Reading, readRequest, readResponse } from './reading.ts';
import { referenceRequest, referenceResponse } from './reference.ts';

/**
 * Breaks valid messages at random and compares what the parser makes of them, whole and in pieces, with the reference.
 * Runs by itself as well: `node fuzz.ts --parser request --seconds 60 --seed 7`. Without a seed it takes a random one, which
 * it prints before anything else.
 */
export interface FuzzOptions {
  readonly durationMs: number;
  readonly seed: number;
  readonly clock: Clock;
  /** Default: both, of which every input meets each. */
  readonly parsers?: readonly FuzzedParser[];
}

/** Whose readings are compared: the parser of requests, or that of responses. */
export type FuzzedParser = keyof typeof PARSERS;

export interface FuzzReport {
  readonly seed: number;
  readonly inputs: number;
  readonly accepted: number;
  readonly rejected: number;
  /** The first input that was judged wrongly, and how. */
  readonly failure?: string;
}

const PARSERS = {
  request: { read: readRequest, reference: referenceRequest, reads: (text: string) => !isResponse(text) },
  response: { read: readResponse, reference: referenceResponse, reads: (text: string) => isResponse(text) },
} as const;

const isResponse = (text: string): boolean => text.startsWith('HTTP/');

const SEEDS: readonly string[] = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /x?y HTTP/1.1\r\nHost: a.b:80\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello',
  'PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b"\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n',
  'GET http://u.example/p?q HTTP/1.1\r\nHost: [::1]\r\nConnection: close, x-y\r\nX-Y: z\r\n\r\n',
  'OPTIONS * HTTP/1.0\r\nCookie: a=b; c\r\nx_forwarded_for: 1\r\nTE: trailers\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\nhi',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n',
  'HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\n\r\n',
  'HTTP/1.1 204 \r\nServer: x\r\n\r\n',
];

/** What readers of HTTP have stumbled over. */
const MORSELS: readonly string[] = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\0',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '"',
    '\\',
    '#',
    '@',
    '\x7f',
    '\x80',
    '\xff',
    '_',
    '+',
    '0',
    'x',
  ],
  ...[
    'Content-Length: 5\r\n',
    'Content-Length: 05\r\n',
    'Content-Length: +5\r\n',
    'Content-Length: 9007199254740991\r\n',
    'Content-Length: 5, 5\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding: chunked, chunked\r\n',
  ],
  ...[
    'Host: b\r\n',
    'Host:\r\n',
    ' folded\r\n',
    'HTTP/1.1',
    'HTTP/2.0',
    '0\r\n\r\n',
    ';a=b',
    '1 ',
    'ffffffffffffff',
  ],
];

/** Runs until the time is over or something is wrong. */
export function fuzz({
  durationMs,
  seed,
  clock,
  parsers = ['request', 'response'],
}: FuzzOptions): FuzzReport {
  const random = seededRandom(seed);
  const endMs = clock.elapsed() + durationMs;
  const counts = { inputs: 0, accepted: 0, rejected: 0 };
  const seeds = SEEDS.filter((text) => parsers.some((parser) => PARSERS[parser].reads(text)));
  while (clock.elapsed() < endMs) {
    const text = mutate(pick(seeds, random), random);
    const cuts = Array.from({ length: 6 }, () => Math.floor(random.unit() * 20));
    const reading = isResponse(text) ? readResponse(text) : readRequest(text);
    counts.inputs++;
    if (reading.fields !== undefined) counts.accepted++;
    if (!isOpen(reading)) counts.rejected++;
    const failure = judge(text, cuts, parsers);
    if (failure !== undefined)
      return { seed, ...counts, failure: `${failure}: ${JSON.stringify(text)} cut ${cuts}` };
  }
  return { seed, ...counts };
}

const pick = <Item>(items: readonly Item[], random: Random): Item =>
  items[Math.floor(random.unit() * items.length)]!;
const isOpen = (reading: Reading): boolean => reading.outcome === 'complete' || reading.outcome === 'partial';

function mutate(text: string, random: Random): string {
  let mutant = text;
  for (let left = Math.floor(random.unit() * 4); left > 0; left--) {
    const at = Math.floor(random.unit() * (mutant.length + 1));
    const until = at + Math.floor(random.unit() * 8);
    const kind = random.unit();
    if (kind < 0.4) mutant = mutant.slice(0, at) + pick(MORSELS, random) + mutant.slice(at);
    else if (kind < 0.6) mutant = mutant.slice(0, at) + mutant.slice(until);
    else if (kind < 0.8) mutant = mutant.slice(0, until) + mutant.slice(at);
    else mutant = mutant.slice(0, at) + random.bytes(1).toString('latin1') + mutant.slice(at + 1);
  }
  return mutant;
}

/** What is wrong with the parser's readings of the text; undefined where nothing is. */
function judge(text: string, cuts: readonly number[], parsers: readonly FuzzedParser[]): string | undefined {
  for (const parser of parsers) {
    const { read, reference } = PARSERS[parser];
    const whole = read(text);
    const expected = reference(text);
    const hasHead = whole.fields !== undefined;
    if (expected === undefined && hasHead) return `${read.name} accepts a head that is invalid`;
    if (expected !== undefined) {
      const fault = difference(whole, expected.fields, expected.body);
      if (fault !== undefined) return `${read.name} ${fault}`;
    }
    if (!agrees(read(text, cuts), whole)) return `${read.name} depends on where the text is cut`;
  }
  return undefined;
}

function difference(
  reading: Reading,
  fields: readonly string[],
  body: string | undefined,
): string | undefined {
  // A valid head with a broken body is rejected by the body's decoder, and its head is no longer reported.
  if (!isOpen(reading))
    return body === undefined ? undefined : `rejects a valid message (${reading.outcome})`;
  if (JSON.stringify(reading.fields) !== JSON.stringify(fields)) return 'reads other fields';
  if (reading.outcome === 'complete' && reading.body !== body) return 'reads another body';
  return reading.outcome === 'partial' && body !== undefined
    ? 'waits for more of a whole message'
    : undefined;
}

/** A flaw in a line that has not ended may be found later when it comes in pieces; nothing else may differ. */
function agrees(inPieces: Reading, whole: Reading): boolean {
  if (!isOpen(whole) && inPieces.outcome === 'partial') return true;
  return JSON.stringify(inPieces) === JSON.stringify(whole);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { parser: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
  });
  const seed = Number(values.seed ?? randomInt(2 ** 31));
  process.stdout.write(`${JSON.stringify({ seed })}\n`);
  const report = fuzz({
    durationMs: Number(values.seconds ?? 10) * 1_000,
    seed,
    clock: systemClock,
    ...(values.parser === 'request' || values.parser === 'response' ? { parsers: [values.parser] } : {}),
  });
  process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.failure === undefined ? 0 : 1;
}
