import { endpointId, nodeId, type Pin, sessionKey } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../forward/request-record.ts';
import { shop, testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { testRecord } from '../testing/test-record.ts';
import { PassedTrace, SkippedTrace } from '../tracing/unsampled-trace.ts';
import { AccessLog } from './access-log.ts';

const KEY = 'k3y-of-a-session-in-22';
const SESSION_ID = Buffer.from('what the cookie holds');

const pin: Pin = { endpoint: endpointId(shop, 'a'), version: 3, pinnedAtMs: 1, expiresAtMs: 2, endsAtMs: 3 };
const resolution = testResolution({
  endpoint: testEndpoint('a'),
  outcome: 'repinned',
  tier: 'store',
  reason: 'endpoint-down',
  session: { key: sessionKey(KEY), sessionId: SESSION_ID, pin, voucher: undefined },
});

/** The lines that are written for these records. */
function linesOf(...records: readonly Partial<RequestRecord>[]): readonly string[] {
  const lines: string[] = [];
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const log = new AccessLog((line) => lines.push(line), nodeId('node-1'), clock);
  for (const record of records) log.requestFinished(testRecord(record));
  return lines;
}

const fieldsOf = (record: Partial<RequestRecord>) => JSON.parse(linesOf(record)[0] as string);

describe('a line of the access log', () => {
  it('says who asked for what, where it went and why, and how it ended', () => {
    const record = { resolution, attempts: 2, durationMs: 12.34567, affinityMs: 0.5, upstreamMs: 10 };
    expect(fieldsOf(record)).toMatchObject({
      level: 'info',
      time: '2026-11-21T00:00:00.000Z',
      request_id: 'request-1',
      client_ip: '192.0.2.7',
      method: 'GET',
      path: '/cart',
      proto: 'HTTP/1.1',
      status: 200,
      listener: 'web',
      route: 'shop.example/',
      pool: 'shop',
      endpoint: 'shop/a',
      upstream: 'http://a.internal:8080',
      outcome: 'repinned',
      source: 'cookie',
      tier: 'store',
      reason: 'endpoint-down',
      session: KEY.slice(0, 11),
      pin_version: 3,
      retries: 1,
      bytes_in: 0,
      bytes_out: 12,
      dur_ms: 12.346,
      store_ms: 0.5,
      upstream_ms: 10,
      node: 'node-1',
    });
  });

  it('names the error where there was one, and leaves out what there was not', () => {
    const fields = fieldsOf({
      status: 413,
      error: 'DOWNSTREAM_BODY_TOO_LARGE',
      attempts: 0,
      upstreamMs: undefined,
    });
    expect(fields).toMatchObject({ status: 413, error: 'DOWNSTREAM_BODY_TOO_LARGE', retries: 0 });
    for (const absent of ['endpoint', 'outcome', 'session', 'pin_version', 'upstream_ms', 'reason']) {
      expect(fields).not.toHaveProperty(absent);
    }
    expect(fieldsOf({})).not.toHaveProperty('error');
  });

  it('names the trace by which the request is found, and its span if there is one', () => {
    const unsampled = new PassedTrace('a'.repeat(32));
    expect(fieldsOf({ trace: unsampled })).toMatchObject({ trace_id: 'a'.repeat(32) });
    expect(fieldsOf({ trace: unsampled })).not.toHaveProperty('span_id');
    const sampled = Object.assign(new PassedTrace('a'.repeat(32)), { spanId: 'b'.repeat(16) });
    expect(fieldsOf({ trace: sampled })).toMatchObject({
      trace_id: 'a'.repeat(32),
      span_id: 'b'.repeat(16),
    });
    expect(fieldsOf({ trace: new SkippedTrace('') })).not.toHaveProperty('trace_id');
  });

  it('holds no session id, and no more than half of the key', () => {
    const [line = ''] = linesOf({ resolution });
    expect(line).not.toContain(KEY.slice(0, 12));
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const) {
      expect(line).not.toContain(SESSION_ID.toString(encoding));
    }
  });

  it('is one line, whatever a client puts into its path', () => {
    for (const path of ['/a"\n{"status":500}', '/\\', '/\u0085\u007f\u0000', '/\u00fc']) {
      const lines = linesOf({ path });
      expect(lines).toHaveLength(1);
      expect(lines[0]?.match(/\n/g)).toHaveLength(1);
      expect(JSON.parse(lines[0] as string)).toMatchObject({ path, status: 200 });
    }
  });
});
