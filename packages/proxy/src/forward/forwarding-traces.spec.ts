import { seededRandom } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { requestHeadOf } from '../testing/request-head.ts';
import type { TestUpstreamRequest } from '../testing/test-upstream.ts';
import { type Attempt, RecordedTrace } from '../tracing/recorded-trace.ts';
import { parentOf, stateOf } from '../tracing/trace-context.ts';
import { TraceIds } from '../tracing/trace-ids.ts';
import { PassedTrace, SkippedTrace } from '../tracing/unsampled-trace.ts';

const GIVEN = ['traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'tracestate', 'client=1'];
const parent = { ...parentOf(requestHeadOf(GIVEN).fields)!, state: 'client=1' };

let world: ForwardingWorld;
let trace: RecordedTrace;

beforeEach(() => {
  world = new ForwardingWorld();
  trace = new RecordedTrace({ host: 'a', parent }, new TraceIds(seededRandom(1)), world.clock);
});

/** The trace context that an endpoint was told, and everything that it was told of it. */
const toldTo = ({ request: { fields } }: TestUpstreamRequest) => ({
  ...parentOf(fields),
  state: stateOf(fields),
});
const fieldsTo = ({ request }: TestUpstreamRequest, name: string): readonly string[] => {
  const list = request.fields.toList();
  return list.filter((_, index) => index % 2 === 1 && list[index - 1]?.toLowerCase() === name);
};
const attempt = (index: number): Attempt => trace.attempts[index] as Attempt;

describe('a request of which nothing is traced', () => {
  it('passes on what it says of traces as it came, right or wrong', () => {
    world.receive({ fields: [...GIVEN, 'traceparent', 'nonsense', 'baggage', 'a=1'] });
    expect(fieldsTo(world.upstream, 'traceparent')).toEqual([GIVEN[1], 'nonsense']);
    expect(fieldsTo(world.upstream, 'tracestate')).toEqual(['client=1']);
    expect(fieldsTo(world.upstream, 'baggage')).toEqual(['a=1']);
    world.upstream.respond();
    world.upstream.finish();
    expect(world.records).toMatchObject([{ trace: undefined }]);
  });
});

describe('a request that is not sampled', () => {
  it('says what its trace says, and nothing of what the client did', () => {
    const lines = `traceparent: 00-${'c'.repeat(32)}-${'d'.repeat(16)}-00\r\n`;
    const fields = [...GIVEN, ...GIVEN, 'baggage', 'a=1'];
    world.receive({ fields, trace: new SkippedTrace(lines) });
    expect(fieldsTo(world.upstream, 'traceparent')).toEqual([lines.slice(13, -2)]);
    expect(fieldsTo(world.upstream, 'tracestate')).toEqual([]);
    expect(fieldsTo(world.upstream, 'baggage')).toEqual(['a=1']);
  });
});

describe('a request of a trace that is not sampled', () => {
  it('passes on what it says of it as it came', () => {
    world.receive({ fields: [...GIVEN, 'tracestate', 'other=2'], trace: new PassedTrace(parent.traceId) });
    expect(fieldsTo(world.upstream, 'traceparent')).toEqual([GIVEN[1]]);
    expect(fieldsTo(world.upstream, 'tracestate')).toEqual(['client=1', 'other=2']);
  });
});

describe('a request that is sampled', () => {
  it('tells its endpoint of the attempt, once and instead of what came', () => {
    world.receive({ fields: GIVEN, trace });
    expect(fieldsTo(world.upstream, 'traceparent')).toHaveLength(1);
    expect(toldTo(world.upstream)).toEqual({ ...parent, parentId: attempt(0).spanId });
    expect(attempt(0).endpoint.id).toBe('shop/a');
    world.upstream.respond();
    world.upstream.finish();
    expect(world.records).toMatchObject([{ trace }]);
  });

  it('has no step where its session is known here', () => {
    world.receive({ trace });
    expect(trace.steps).toEqual([]);
  });

  it('has a step for as long as it waits for its place', async () => {
    world.affinity.isWarm = false;
    world.receive({ trace });
    await world.clock.advance(30);
    await world.affinity.answer();
    await world.clock.advance(10);
    expect(trace.steps).toMatchObject([{ name: 'affinity.resolve', startedAtMs: 0, endedAtMs: 30 }]);
    expect(attempt(0).startedAtMs).toBe(30);
  });

  it('has an attempt for each endpoint, told apart by each of them, and a step in between', async () => {
    world.receive({ trace });
    await world.clock.advance(5);
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.clock.advance(7);
    await world.affinity.answer();
    const [first, second] = world.arrived.map(toldTo);
    expect([first?.parentId, second?.parentId]).toEqual([attempt(0).spanId, attempt(1).spanId]);
    expect(first?.parentId).not.toBe(second?.parentId);
    expect(attempt(0)).toMatchObject({ error: 'UPSTREAM_CONNECT_FAILED', startedAtMs: 0, endedAtMs: 5 });
    expect(attempt(1)).toMatchObject({ error: undefined, startedAtMs: 12, endedAtMs: undefined });
    expect(trace.steps).toMatchObject([{ name: 'affinity.failover', startedAtMs: 5, endedAtMs: 12 }]);
  });

  it('has no attempt where there is no endpoint', () => {
    world.affinity.changes = { endpoint: undefined, refusal: 'all-down' };
    world.receive({ trace });
    expect(trace.attempts).toEqual([]);
    expect(world.records).toMatchObject([{ status: 503, trace }]);
  });

  it('is named in the log if it fails by a defect', async () => {
    world.affinity.isWarm = false;
    world.receive({ trace });
    await world.affinity.answer(new TypeError('a defect'));
    expect(world.log.entries).toMatchObject([{ level: 'error', fields: { trace_id: parent.traceId } }]);
  });
});
