import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { Peer } from '../exchange/peer.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { readRequestHead, requestHeadOf } from '../testing/request-head.ts';
import { RecordedTrace } from './recorded-trace.ts';
import type { RequestTrace } from './request-trace.ts';
import { parentOf, stateOf, type TraceContext } from './trace-context.ts';
import { Tracer, type TracingRules } from './tracer.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const PROXY = '198.51.100.1';
const CLIENT = '192.0.2.7';
const trusted = { has: (address: string) => address === PROXY };

const tracerWith = (rules: Partial<TracingRules>, seed = 1) =>
  new Tracer({
    rules: { sampling: 0, trustIncoming: 'trusted-proxies', ...rules },
    clock: new ManualClock(),
    random: seededRandom(seed),
  });

/** The trace of a request from there with that traceparent. */
const begin = (tracer: Tracer, address: string, flags?: string): RequestTrace => {
  const fields =
    flags === undefined ? [] : ['traceparent', `00-${TRACE_ID}-${PARENT_ID}-${flags}`, 'tracestate', 'foo=1'];
  return tracer.begin(requestHeadOf(fields), new Peer(address, 8080, false), trusted);
};

/** What the next attempt tells its endpoint. */
const toldBy = (trace: RequestTrace): TraceContext => {
  const lines = trace.beginAttempt(testEndpoint('a'), 0);
  const { fields } = readRequestHead(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`);
  return { ...parentOf(fields)!, state: stateOf(fields) };
};

describe('whose trace a request goes on with', () => {
  it.each([
    ['never', PROXY, false],
    ['never', CLIENT, false],
    ['trusted-proxies', PROXY, true],
    ['trusted-proxies', CLIENT, false],
    ['always', PROXY, true],
    ['always', CLIENT, true],
  ] as const)('trustIncoming %s, from %s: %s', (trustIncoming, address, isBelieved) => {
    for (const sampling of [0, 1]) {
      const trace = begin(tracerWith({ trustIncoming, sampling }), address, '01');
      expect(toldBy(trace).traceId === TRACE_ID).toBe(isBelieved);
      expect(toldBy(trace).state).toBe(isBelieved ? 'foo=1' : '');
      expect(trace instanceof RecordedTrace).toBe(isBelieved || sampling === 1);
    }
  });
});

describe('a request whose trace is sampled', () => {
  const trace = begin(tracerWith({}), PROXY, '01');

  it('goes on with it, whatever the ratio', () => {
    expect(trace).toMatchObject({ traceId: TRACE_ID, incoming: { parent: { parentId: PARENT_ID } } });
    expect(trace.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tells each attempt another span, none of them its own', () => {
    const told = [toldBy(trace), toldBy(trace)];
    const ids = new Set([PARENT_ID, trace.spanId, ...told.map(({ parentId }) => parentId)]);
    expect(ids.size).toBe(4);
    for (const context of told)
      expect(context).toMatchObject({ traceId: TRACE_ID, flags: 1, state: 'foo=1' });
  });

  it('passes on that its id is random', () => {
    expect(toldBy(begin(tracerWith({}), PROXY, '03')).flags).toBe(3);
  });
});

describe('a request whose trace is not sampled', () => {
  it('leaves what it says of it alone, and is not sampled here either', () => {
    const trace = begin(tracerWith({ sampling: 1 }), PROXY, '00');
    expect(trace).toMatchObject({ traceId: TRACE_ID, spanId: undefined, isToldByAttempts: false });
    expect(trace.beginAttempt(testEndpoint('a'), 0)).toBe('');
  });
});

describe('a request that begins a trace', () => {
  it('tells its endpoint of one that nobody records where it is not sampled, and each another', () => {
    const tracer = tracerWith({ sampling: 0 });
    const told = Array.from({ length: 100 }, () => begin(tracer, CLIENT)).map(toldBy);
    expect(new Set(told.map(({ traceId }) => traceId)).size).toBe(100);
    for (const context of told) expect(context).toMatchObject({ flags: 0, state: '' });
    expect(begin(tracer, CLIENT).traceId).toBeUndefined();
  });

  it.each([0, 0.01, 0.25, 1])('is sampled as often as the ratio says: %s', (sampling) => {
    const tracer = tracerWith({ sampling }, 7);
    const count = 20_000;
    let sampled = 0;
    for (let index = 0; index < count; index++) if (begin(tracer, CLIENT).spanId !== undefined) sampled++;
    // Four standard deviations: one seed of 16,000 would be outside.
    const deviation = Math.sqrt(count * sampling * (1 - sampling));
    expect(Math.abs(sampled - count * sampling)).toBeLessThanOrEqual(4 * deviation);
  });

  it('is decided once: what it tells its endpoint is what it does itself', () => {
    const tracer = tracerWith({ sampling: 0.5 });
    for (let index = 0; index < 200; index++) {
      const trace = begin(tracer, CLIENT);
      expect(toldBy(trace).flags).toBe(trace instanceof RecordedTrace ? 1 : 0);
    }
  });
});

describe('a connection', () => {
  it('is traced as often as the ratio says', () => {
    expect(tracerWith({ sampling: 0 }).beginConnection()).toBeUndefined();
    expect(tracerWith({ sampling: 1 }).beginConnection()?.traceId).toMatch(/^[0-9a-f]{32}$/);
  });
});
