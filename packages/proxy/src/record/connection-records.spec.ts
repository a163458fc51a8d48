import { nodeId } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { ConnectionRecord } from '../layer4/connection-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { allConnectionRecorders, ConnectionCounters } from './connection-counters.ts';
import { ConnectionLog } from './connection-log.ts';

const client = { address: '192.0.2.7', port: 51_234 };
const known = { protocol: 'tcp', listener: 'broker', serverName: undefined } as const;
const refused = refusedRecord(known, client, 'DOWNSTREAM_NO_ROUTE');
const carried = (changes: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  ...refused,
  pool: 'shop',
  end: 'closed',
  error: undefined,
  resolution: testResolution({ endpoint: testEndpoint('a'), source: 'source-ip' }),
  attempts: 2,
  bytesIn: 5,
  bytesOut: 12,
  durationMs: 12.34567,
  connectMs: 0.5,
  ...changes,
});

function lineOf(record: ConnectionRecord) {
  const lines: string[] = [];
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  new ConnectionLog((line) => lines.push(line), nodeId('node-1'), clock).connectionFinished(record);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
  return JSON.parse(lines[0] as string);
}

describe('the line of a connection', () => {
  it('says whose it was, where it went and how it ended, in the words of requests', () => {
    expect(lineOf(carried())).toEqual({
      level: 'info',
      time: '2026-11-21T00:00:00.000Z',
      client_ip: '192.0.2.7',
      client_port: 51_234,
      proto: 'tcp',
      end: 'closed',
      listener: 'broker',
      pool: 'shop',
      endpoint: 'shop/a',
      upstream: 'http://a.internal:8080',
      outcome: 'hit',
      source: 'source-ip',
      tier: 'near',
      retries: 1,
      bytes_in: 5,
      bytes_out: 12,
      dur_ms: 12.346,
      store_ms: 0,
      connect_ms: 0.5,
      node: 'node-1',
    });
  });

  it('names its trace, if it has one', () => {
    const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    expect(lineOf(carried({ trace }))).toMatchObject({ trace_id: trace.traceId, span_id: trace.spanId });
  });

  it('says why one came to no endpoint, and leaves out what there was not', () => {
    const line = lineOf({ ...refused, serverName: 'a.example' });
    expect(line).toMatchObject({ end: 'refused', error: 'DOWNSTREAM_NO_ROUTE', server_name: 'a.example' });
    for (const absent of ['endpoint', 'outcome', 'session', 'connect_ms'])
      expect(line).not.toHaveProperty(absent);
  });
});

describe('connection counters', () => {
  it('count connections and flows, how they ended, what became of their sessions, and bytes', () => {
    const counters = new ConnectionCounters();
    const moved = testResolution({ outcome: 'repinned', reason: 'connect-failed' });
    const all = allConnectionRecorders([counters]);
    for (const record of [carried(), carried({ protocol: 'udp', end: 'idle', resolution: moved }), refused])
      all.connectionFinished(record);
    expect(counters.totals()).toMatchObject({
      tcp: 2,
      udp: 1,
      byEnd: { closed: 1, idle: 1, refused: 1, evicted: 0 },
      byOutcome: { hit: 1, repinned: 1 },
      repinsByReason: { 'connect-failed': 1 },
      retries: 2,
      bytesIn: 10,
      bytesOut: 24,
    });
  });
});
