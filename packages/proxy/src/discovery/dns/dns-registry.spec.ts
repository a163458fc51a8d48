import { configSchema, type DiscoveryConfigOf } from '@holdfast/shared/config';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { RegistryAnswer } from '../registry.ts';
import type { AddressRecord, DnsLookup, ServiceRecord } from './dns-lookup.ts';
import { DnsRegistry } from './dns-registry.ts';

const configOf = (written: object): DiscoveryConfigOf<'dns'> => {
  const discovery = { type: 'dns', name: 'shop.internal', ...written };
  const { pools } = configSchema.parse({
    listeners: [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop' }],
    pools: [{ name: 'shop', discovery }],
  });
  return pools[0]?.discovery as DiscoveryConfigOf<'dns'>;
};

const record = (address: string, ttlSeconds = 5): AddressRecord => ({ address, ttlSeconds });
const service = (name: string, port: number, priority = 0, weight = 0): ServiceRecord => ({
  ...{ name, port, priority, weight },
});

/** A registry whose resolver says what the test says: records, or an error. */
function setUp(written: object) {
  const clock = new ManualClock();
  const zone = new Map<string, readonly AddressRecord[] | Error>();
  const world = { services: [] as readonly ServiceRecord[] | Error, asked: [] as string[], cancelled: 0 };
  const answer = async <Records>(records: Records | Error): Promise<Records> => {
    if (records instanceof Error) throw records;
    return records;
  };
  const lookup: DnsLookup = {
    addresses(name) {
      world.asked.push(name);
      return answer(zone.get(name) ?? []);
    },
    services(name) {
      world.asked.push(name);
      return answer(world.services);
    },
    cancel() {
      world.cancelled += 1;
    },
  };
  const registry = new DnsRegistry(configOf(written), lookup, clock);
  const heard: RegistryAnswer[] = [];
  const start = (): Promise<void> => {
    registry.start((told) => heard.push(told));
    return settle();
  };
  return { clock, zone, world, registry, heard, start };
}

const urls = (answer: RegistryAnswer | undefined) =>
  answer?.kind === 'named' ? answer.endpoints.map(({ url }) => url) : answer?.reason;

describe('DNS as a registry', () => {
  it('names an endpoint for every address, with host and port for its id', async () => {
    const { zone, heard, start } = setUp({ port: 8080 });
    zone.set('shop.internal', [record('10.0.0.2'), record('10.0.0.1'), record('fd00::1')]);
    await start();
    expect(urls(heard[0])).toEqual(['http://10.0.0.2:8080', 'http://10.0.0.1:8080', 'http://[fd00::1]:8080']);
    expect(heard[0]).toMatchObject({
      endpoints: [{ id: '10.0.0.2:8080' }, { id: '10.0.0.1:8080' }, { id: '[fd00::1]:8080' }],
    });
  });

  it('names them in the scheme that they speak', async () => {
    const { zone, heard, start } = setUp({ port: 6379, scheme: 'tcp' });
    zone.set('shop.internal', [record('10.0.0.1')]);
    await start();
    expect(heard[0]).toMatchObject({ endpoints: [{ id: '10.0.0.1:6379', url: 'tcp://10.0.0.1:6379' }] });
  });

  it.each([
    ['when the shortest lifetime of a record is over', [5, 9], 5_000],
    ['no sooner than the interval', [0, 9], 1_000],
    ['no later than the longest interval', [3_600], 30_000],
  ])('is asked again %s', async (_, lifetimes, afterMs) => {
    const { clock, zone, heard, start } = setUp({ port: 80 });
    zone.set(
      'shop.internal',
      lifetimes.map((seconds, index) => record(`10.0.0.${index}`, seconds)),
    );
    await start();
    await clock.advance(afterMs - 1);
    expect(heard).toHaveLength(1);
    await clock.advance(1);
    expect(heard).toHaveLength(2);
  });

  it('is asked again after the interval when it fails, and when it knows no address', async () => {
    const { clock, zone, heard, start } = setUp({ port: 80, interval: '2s' });
    zone.set('shop.internal', new Error('queryA ESERVFAIL shop.internal'));
    await start();
    zone.set('shop.internal', []);
    await clock.advance(2_000);
    zone.set('shop.internal', [record('10.0.0.1')]);
    await clock.advance(2_000);
    expect(heard.map(urls)).toEqual(['queryA ESERVFAIL shop.internal', [], ['http://10.0.0.1:80']]);
  });

  it('says nothing once it is stopped, and leaves no timer', async () => {
    const { clock, zone, world, registry, heard, start } = setUp({ port: 80 });
    zone.set('shop.internal', [record('10.0.0.1')]);
    await start();
    registry.stop();
    expect([clock.pendingTimers, world.cancelled]).toEqual([0, 1]);
    const again = setUp({ port: 80 });
    again.registry.start((told) => again.heard.push(told));
    again.registry.stop();
    await settle();
    expect([again.heard, again.clock.pendingTimers, heard.length]).toEqual([[], 0, 1]);
  });
});

describe('SRV records as a registry', () => {
  it('name endpoints by target and port, wherever their addresses are', async () => {
    const { clock, zone, world, heard, start } = setUp({ record: 'srv' });
    world.services = [service('Shop-1.internal', 8001), service('shop-2.internal', 8002)];
    zone.set('Shop-1.internal', [record('10.0.0.1', 0)]).set('shop-2.internal', [record('10.0.0.2', 0)]);
    await start();
    zone.set('Shop-1.internal', [record('10.0.0.9', 0)]);
    await clock.advance(1_000);
    const ids = [{ id: 'shop-1.internal:8001' }, { id: 'shop-2.internal:8002' }];
    expect(heard).toMatchObject([{ endpoints: ids }, { endpoints: ids }]);
    expect(heard.map(urls)).toEqual([
      ['http://10.0.0.1:8001', 'http://10.0.0.2:8002'],
      ['http://10.0.0.9:8001', 'http://10.0.0.2:8002'],
    ]);
  });

  it('are asked for at every interval, and their targets when the lifetime of the addresses is over', async () => {
    const { clock, zone, world, start } = setUp({ record: 'srv' });
    world.services = [service('shop-1.internal', 80)];
    zone.set('shop-1.internal', [record('10.0.0.1', 3)]);
    await start();
    await clock.advance(3_000);
    const srv = 'shop.internal';
    expect(world.asked).toEqual([srv, 'shop-1.internal', srv, srv, srv, 'shop-1.internal']);
  });

  it('keep a target where it was that cannot be found out any more, and fail for one that never could', async () => {
    const { clock, zone, world, heard, start } = setUp({ record: 'srv' });
    world.services = [service('shop-1.internal', 80)];
    zone.set('shop-1.internal', [record('10.0.0.1', 0)]);
    await start();
    zone.set('shop-1.internal', new Error('timed out'));
    await clock.advance(1_000);
    world.services = [service('shop-1.internal', 80), service('shop-2.internal', 80)];
    zone.set('shop-2.internal', new Error('refused'));
    await clock.advance(1_000);
    expect(heard.map(urls)).toEqual([['http://10.0.0.1:80'], ['http://10.0.0.1:80'], 'refused']);
  });

  it('ask the next moment for a target that has no address yet', async () => {
    const { clock, zone, world, heard, start } = setUp({ record: 'srv' });
    world.services = [service('shop-1.internal', 80)];
    await start();
    zone.set('shop-1.internal', [record('10.0.0.1')]);
    await clock.advance(1_000);
    expect(heard.map(urls)).toEqual([[], ['http://10.0.0.1:80']]);
  });
});
