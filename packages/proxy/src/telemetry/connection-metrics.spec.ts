import { describe, expect, it } from 'vitest';
import type { ConnectionRecord } from '../layer4/connection-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { ConnectionMetrics } from './connection-metrics.ts';
import { mergedSnapshot } from './merged-snapshot.ts';
import { isHistogramPoint } from './snapshot.ts';

const client = { address: '192.0.2.7', port: 51_234 };
const refused = refusedRecord(
  { protocol: 'tcp', listener: 'broker', serverName: undefined },
  client,
  'DOWNSTREAM_NO_ROUTE',
);
const carried = (changes: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  ...refused,
  ...{ pool: 'brokers', end: 'closed', error: undefined },
  resolution: testResolution({ endpoint: testEndpoint('a'), source: 'source-ip' }),
  ...{ attempts: 2, bytesIn: 5, bytesOut: 12, durationMs: 1_500 },
  ...changes,
});

function told(name: string, ...records: readonly ConnectionRecord[]) {
  const metrics = new ConnectionMetrics(() => 0);
  for (const record of records) metrics.connectionFinished(record);
  const points = mergedSnapshot([metrics.collect()]).find((metric) => metric.name === name)?.points ?? [];
  return points.map((point) => [
    point.attributes,
    isHistogramPoint(point) ? point.counts.reduce((sum, count) => sum + count, 0) : point.value,
  ]);
}

const way = { 'holdfast.listener': 'broker', 'holdfast.pool': 'brokers', 'network.transport': 'tcp' };

describe('the metrics of connections and flows', () => {
  it('count them by listener, pool, transport and end', () => {
    const records = [carried(), carried(), carried({ end: 'idle' }), carried({ protocol: 'udp' }), refused];
    expect(told('holdfast.layer4.connections', ...records)).toEqual([
      [{ ...way, 'holdfast.connection.end': 'closed' }, 2],
      [{ ...way, 'holdfast.connection.end': 'idle' }, 1],
      [{ ...way, 'network.transport': 'udp', 'holdfast.connection.end': 'closed' }, 1],
      [
        { 'holdfast.listener': 'broker', 'network.transport': 'tcp', 'holdfast.connection.end': 'refused' },
        1,
      ],
    ]);
  });

  it('time them, and add up their bytes either way and their retries', () => {
    const records = [carried(), carried()];
    expect(told('holdfast.layer4.connection.duration', ...records)).toEqual([[way, 2]]);
    const pool = { 'holdfast.pool': 'brokers', 'network.transport': 'tcp' };
    expect(told('holdfast.layer4.bytes', ...records)).toEqual([
      [{ ...pool, 'network.io.direction': 'receive' }, 10],
      [{ ...pool, 'network.io.direction': 'transmit' }, 24],
    ]);
    expect(told('holdfast.retries', ...records)).toEqual([[{ 'holdfast.pool': 'brokers' }, 2]]);
  });

  it('say what became of their sessions, as requests do', () => {
    const suspect = testResolution({
      ...{ outcome: 'fallback', reason: 'endpoint-suspect', endpoint: testEndpoint('b') },
      keptAt: testEndpoint('a').id,
      session: { key: 'k' as never, sessionId: undefined, pin: undefined, voucher: undefined },
    });
    const records = [
      carried(),
      carried({ resolution: testResolution({ outcome: 'repinned', reason: 'endpoint-down' }) }),
      carried({ resolution: suspect }),
    ];
    const lookups = told('holdfast.affinity.lookups', ...records);
    expect(lookups.map(([, count]) => count)).toEqual([1, 1, 1]);
    expect(told('holdfast.affinity.repins', ...records)).toEqual([
      [{ 'holdfast.pool': 'brokers', 'holdfast.affinity.repin.reason': 'endpoint-down' }, 1],
    ]);
    const suspected: unknown[] = [];
    const metrics = new ConnectionMetrics(() => 0, { suspected: (...args) => suspected.push(args) });
    for (const record of records) metrics.connectionFinished(record);
    expect(suspected).toEqual([['brokers', { reason: 'endpoint-suspect', endpoint: 'shop/a' }]]);
  });
});
