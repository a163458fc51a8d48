import { describe, expect, it } from 'vitest';
import { slice, sliceEndpoint } from '../testing/slices.ts';
import { endpointSlice, sliceEndpoints } from './endpoint-slice.ts';

const HTTP = { port: 8080, scheme: 'http' } as const;
const named = (...slices: readonly object[]) =>
  sliceEndpoints(
    slices.map((each) => endpointSlice.parse(each)),
    HTTP,
  );

describe('the endpoints of a Service', () => {
  it('are named by their pods, with the uid of each for its incarnation', () => {
    expect(named(slice('s', [sliceEndpoint('10.1.0.1', 'shop-a')]))).toEqual([
      expect.objectContaining({
        ...{ id: 'shop-a', url: 'http://10.1.0.1:8080', incarnation: 'uid of shop-a' },
        ...{ weight: 1, backup: false, sticky: true, isLeaving: false },
      }),
    ]);
  });

  it.each<[what: string, conditions: object | null | undefined, comesOut: 'serving' | 'leaving' | 'unnamed']>(
    [
      ['ready', { ready: true, serving: true, terminating: false }, 'serving'],
      ['of which nothing is said', undefined, 'serving'],
      ['of which nothing is known', null, 'serving'],
      ['whose readiness is not known', { ready: null }, 'serving'],
      ['not ready', { ready: false, serving: false, terminating: false }, 'unnamed'],
      ['not ready, without more words', { ready: false }, 'unnamed'],
      ['serving while it terminates', { ready: false, serving: true, terminating: true }, 'leaving'],
      ['terminating and no longer serving', { ready: false, serving: false, terminating: true }, 'unnamed'],
      ['terminating, and readiness is not known', { serving: null, terminating: true }, 'unnamed'],
      ['published before it is ready', { ready: true, serving: false, terminating: false }, 'serving'],
      [
        'ready while it terminates, as publishNotReadyAddresses has it',
        { ready: true, terminating: true },
        'leaving',
      ],
    ],
  )('one that is %s is so', (_, conditions, comesOut) => {
    const endpoint = { ...sliceEndpoint('10.1.0.1', 'shop-a'), conditions };
    const [found] = named(slice('s', [endpoint]));
    expect(found === undefined ? 'unnamed' : found.isLeaving === true ? 'leaving' : 'serving').toBe(comesOut);
  });

  it('are those of all slices, each once: what it serves in one of them counts', () => {
    const leaving = { ready: false, serving: true, terminating: true };
    const [a, b] = [sliceEndpoint('10.1.0.1', 'shop-a'), sliceEndpoint('10.1.0.2', 'shop-b')];
    const slices = [slice('one', [{ ...a, conditions: leaving }, b]), slice('two', [a])];
    for (const order of [slices, slices.toReversed()])
      expect(
        named(...order)
          .map(({ id, isLeaving }) => [id, isLeaving])
          .sort(),
      ).toEqual([
        ['shop-a', false],
        ['shop-b', false],
      ]);
  });

  it('answer at the port of that number or that name', () => {
    const ports = [
      { name: 'http', port: 8080, protocol: 'TCP' },
      { name: 'metrics', port: 9100 },
    ];
    const parsed = [endpointSlice.parse({ ...slice('s', [sliceEndpoint('10.1.0.1', 'shop-a')]), ports })];
    const urlOf = (port: string | number) => sliceEndpoints(parsed, { port, scheme: 'http' })[0]?.url;
    expect([8080, 'http', 'metrics', 9100].map(urlOf)).toEqual([
      'http://10.1.0.1:8080',
      'http://10.1.0.1:8080',
      'http://10.1.0.1:9100',
      'http://10.1.0.1:9100',
    ]);
    expect([7000, 'grpc'].map(urlOf)).toEqual([undefined, undefined]);
  });

  it('answer at the number that is wanted where a slice has no ports, as of a headless Service', () => {
    for (const ports of [undefined, null, []])
      expect(named({ ...slice('s', [sliceEndpoint('10.1.0.1', 'shop-a')]), ports })).toHaveLength(1);
  });

  it('may be at IPv6 addresses, and are not at names', () => {
    const six = { ...slice('six', [sliceEndpoint('fd00::1', 'shop-a')]), addressType: 'IPv6' };
    const names = { ...slice('names', [sliceEndpoint('shop.internal', 'shop-b')]), addressType: 'FQDN' };
    expect(named(six, names).map(({ url }) => url)).toEqual(['http://[fd00::1]:8080']);
  });

  it('are named by address where no pod, or none with a fitting name, is behind them', () => {
    const node = { ...sliceEndpoint('10.1.0.1', 'node-1'), targetRef: { kind: 'Node', name: 'node-1' } };
    const nobody = { addresses: ['10.1.0.2'] };
    const long = sliceEndpoint('10.1.0.3', 'x'.repeat(200));
    expect(named(slice('s', [node, nobody, long])).map(({ id }) => id)).toEqual([
      '10.1.0.1:8080',
      '10.1.0.2:8080',
      '10.1.0.3:8080',
    ]);
  });
});
