import { nodeId } from '@holdfast/shared';
import { memberOf } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import type { Member } from '../cluster/member.ts';
import type { Agreement, Endpoint } from '../pool/endpoint.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { clusterState } from './cluster-state.ts';
import { isHistogramPoint } from './snapshot.ts';

const own = { ...memberOf('node-1'), fingerprint: 'one' };

const member = (
  name: string,
  kind: Member['kind'] = 'alive',
  changes: Partial<Member['record']> = {},
): Member => ({
  kind,
  record: { ...own, node: nodeId(name), ...changes },
  silentMs: 0,
});

const holding = (...down: readonly string[]): Partial<Member['record']> => ({
  opinions: [{ pool: 'shop', down }] as never,
});

function told(members: readonly Member[], endpoints: readonly Endpoint[] = [], record = own) {
  const snapshot = clusterState({ own: record, members, isCutOff: false }, endpoints);
  return Object.fromEntries(
    snapshot.map(({ name, points }) => [
      name.replace('holdfast.cluster.', ''),
      points.map((point) => (isHistogramPoint(point) ? Number.NaN : point.value)),
    ]),
  );
}

describe('the metrics of the cluster', () => {
  it('count nodes by state, this one among those that are alive', () => {
    const members = [
      member('node-2'),
      member('node-3', 'suspect'),
      member('node-4', 'gone'),
      member('node-5', 'joining'),
    ];
    expect(told(members).members).toEqual([1, 2, 1, 1, 0]);
  });

  it('count the configurations that living nodes go by', () => {
    const other = { fingerprint: 'other' };
    expect(told([member('node-2')]).configurations).toEqual([1]);
    expect(told([member('node-2', 'alive', other)]).configurations).toEqual([2]);
    expect(told([member('node-2', 'gone', other)]).configurations).toEqual([1]);
  });

  it.each<[string, readonly Member[], Agreement, number]>([
    ['nobody holds down', [member('node-2')], 'none', 0],
    ['one of several holds down', [member('node-2', 'alive', holding('shop/a')), member('node-3')], 'up', 1],
    [
      'most hold down',
      [member('node-2', 'alive', holding('shop/a')), member('node-3', 'alive', holding('shop/a'))],
      'down',
      0,
    ],
    ['only one that is gone holds down', [member('node-2', 'gone', holding('shop/a'))], 'none', 0],
  ])('call an endpoint disputed or not, which %s', (_, members, agreement, expected) => {
    const endpoint = testEndpoint('a');
    endpoint.agreement = agreement;
    expect(told(members, [endpoint]).disputed_endpoints).toEqual([expected]);
  });
});
