import { endpointId, poolName, sessionKey, systemClock, systemRandom } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { RequestHeadParser } from '../codec/index.ts';
import { Peer } from '../exchange/peer.ts';
import { upstreamHeadOf } from '../forward/request-head.ts';
import type { RequestRecord } from '../forward/request-record.ts';
import { Endpoint } from '../pool/endpoint.ts';
import type { RecordedTrace } from './recorded-trace.ts';
import type { RequestTrace } from './request-trace.ts';
import { SpanMaker } from './span-maker.ts';
import { Tracer } from './tracer.ts';

/**
 * What traces cost a request, in nanoseconds: run it with `node tracing.bench.ts`. The lowest of many short rounds is
 * printed, since whatever else the machine does can only add to it, and the cases take turns so that it adds to all alike.
 * Every case makes the head for the endpoint, as each request does: the first one shows what that costs by itself.
 */

const HEAD = `GET /api/v1/products/search?q=running+shoes&page=2 HTTP/1.1
Host: shop.example.com
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Encoding: gzip, deflate, br, zstd
Cookie: _srv_id=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4; theme=dark
`.replaceAll('\n', '\r\n');
const CONTEXT = `traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0`;
const ROUNDS = 300;
const CALLS = 400;

const shop = poolName('shop');
const endpoint = new Endpoint({
  id: endpointId(shop, 'shop-1'),
  origin: 'http://10.0.0.1:8080',
  weight: 1,
  isBackup: false,
  connectionsMax: Number.POSITIVE_INFINITY,
});
const peer = new Peer('192.0.2.7', 8080, false);
const trusted = { has: () => true };
const clock = systemClock;
const random = systemRandom();

function headWith(lines: string): RequestHeadParser {
  const bytes = Buffer.from(`${HEAD}${lines}\r\n`, 'latin1');
  const head = new RequestHeadParser();
  head.feed(bytes, 0, bytes.length);
  return head;
}

const plain = headWith('');
const added = { forwarded: 'X-Forwarded-For: 192.0.2.7\r\n', requestId: 'r-1', cookieLines: undefined };
const tracerOf = (sampling: number): Tracer =>
  new Tracer({ rules: { sampling, trustIncoming: 'always' }, clock, random });

const resolution: Resolution = {
  ...{ endpoint, refusal: undefined, outcome: 'hit', source: 'cookie', tier: 'near', reason: undefined },
  session: {
    ...{ key: sessionKey('k3y-of-a-session-in-22'), sessionId: undefined, pin: undefined },
    voucher: undefined,
  },
  movedFrom: undefined,
};

const recordOf = (trace: RequestTrace): RequestRecord => ({
  ...{
    listener: 'web',
    route: 'shop.example.com/',
    pool: 'shop',
    method: 'GET',
    path: '/api/v1/products/search',
  },
  ...{
    httpVersion: '1.1',
    requestId: 'r-1',
    clientAddress: '192.0.2.7',
    isSecure: false,
    trace,
    status: 200,
  },
  ...{ error: undefined, resolution, attempts: 1, bytesIn: 0, bytesOut: 1_024 },
  ...{ durationMs: 3, affinityMs: 0, upstreamMs: 2 },
});

/** A request from its entrance to what its endpoint is told, without what is the same for all. */
function passed(tracer: Tracer | undefined, head: RequestHeadParser): string {
  const trace = tracer?.begin(head, peer, trusted);
  const text = upstreamHeadOf(head, { ...added, isTraced: trace?.isToldByAttempts === true });
  return trace === undefined ? text : text + trace.beginAttempt(endpoint, 0);
}

const always = tracerOf(1);
const maker = new SpanMaker({ clock, newSpanId: () => always.newSpanId(), storeKind: 'redis' });

function recorded(): unknown {
  const trace = always.begin(plain, peer, trusted);
  const text = upstreamHeadOf(plain, { ...added, isTraced: true }) + trace.beginAttempt(endpoint, 0);
  return [text, maker.ofRequest(recordOf(trace), trace as RecordedTrace)];
}

interface Case {
  readonly name: string;
  readonly run: () => unknown;
}

const never = tracerOf(0);
const rarely = tracerOf(0.01);
const notSampled = headWith(`${CONTEXT}0\r\n`);
const withState = headWith(`${CONTEXT}0\r\ntracestate: rojo=00f067aa0ba902b7,congo=t61rcWkgMzE\r\n`);

const cases: readonly Case[] = [
  { name: 'nothing is traced', run: () => passed(undefined, plain) },
  { name: 'not sampled', run: () => passed(never, plain) },
  { name: 'not sampled, as its parent', run: () => passed(never, notSampled) },
  { name: 'not sampled, as its parent with a state', run: () => passed(never, withState) },
  { name: 'sampled by one in a hundred', run: () => passed(rarely, plain) },
  { name: 'sampled, with its spans', run: recorded },
];

const lowest = cases.map(() => Number.POSITIVE_INFINITY);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, { run }] of cases.entries()) {
    const startMs = clock.elapsed();
    for (let call = 0; call < CALLS; call++) run();
    lowest[index] = Math.min(lowest[index]!, ((clock.elapsed() - startMs) * 1e6) / CALLS);
  }
}
const [bare = 0] = lowest;
for (const [index, { name }] of cases.entries()) {
  const ns = lowest[index]!;
  process.stdout.write(
    `${name.padEnd(42)} ${ns.toFixed(0).padStart(6)} ns  (${(ns - bare).toFixed(0)} more)\n`,
  );
}
