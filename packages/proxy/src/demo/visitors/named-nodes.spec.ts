import type { LookupAddress } from 'node:dns';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { type AddressRecord, type AskDns, NamedNodes } from './named-nodes.ts';

/** A name server that says what it is told to say, and how often it was asked. */
class Registry {
  asked = 0;
  says: readonly AddressRecord[] | undefined;

  readonly ask: AskDns = async (name) => {
    this.asked++;
    if (this.says === undefined)
      throw Object.assign(new Error(`no answer for ${name}`), { code: 'ETIMEOUT' });
    return this.says;
  };
}

const records = (ttl: number, ...addresses: readonly string[]): readonly AddressRecord[] =>
  addresses.map((address) => ({ address, ttl }));

function arrange(says?: readonly AddressRecord[], tries = 3) {
  const [registry, clock] = [new Registry(), new ManualClock()];
  registry.says = says;
  const { lookup } = new NamedNodes(registry.ask, clock, seededRandom(7), tries);
  const find = (): Promise<readonly string[]> =>
    new Promise((resolve, reject) =>
      lookup('shop.test', { all: true }, (error, found) =>
        error === null ? resolve((found as LookupAddress[]).map(({ address }) => address)) : reject(error),
      ),
    );
  return { registry, clock, lookup, find };
}

describe('the nodes behind a name', () => {
  it('are asked for once while the records live, and anew when their lifetime is over', async () => {
    const { registry, clock, find } = arrange(records(2, '10.0.0.1'));
    await find();
    await clock.advance(1_999);
    await find();
    expect(registry.asked).toBe(1);
    registry.says = records(2, '10.0.0.9');
    await clock.advance(1);
    expect(await find()).toEqual(['10.0.0.9']);
  });

  it('live as long as the record that lives shortest', async () => {
    const { registry, clock, find } = arrange([...records(60, '10.0.0.1'), ...records(1, '10.0.0.2')]);
    await find();
    await clock.advance(1_000);
    await find();
    expect(registry.asked).toBe(2);
  });

  it('are all named, in an order of its own each time, so that no node is everybody’s first', async () => {
    const { find } = arrange(records(60, '10.0.0.1', '10.0.0.2', '10.0.0.3'));
    const found = await Promise.all(Array.from({ length: 300 }, find));
    for (const addresses of found)
      expect([...addresses].sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
    const firsts = Object.groupBy(found, ([first = '']) => first);
    for (const times of Object.values(firsts)) expect(times?.length).toBeGreaterThan(60);
    expect(Object.keys(firsts)).toHaveLength(3);
  });

  it('are as many as are to be tried', async () => {
    const { find } = arrange(records(60, '10.0.0.1', '10.0.0.2', '10.0.0.3'), 1);
    expect(await find()).toHaveLength(1);
  });

  it('stay those that are known while DNS does not answer', async () => {
    const { registry, clock, find } = arrange(records(1, '10.0.0.1'));
    await find();
    registry.says = undefined;
    await clock.advance(5_000);
    expect(await find()).toEqual(['10.0.0.1']);
    expect(registry.asked).toBe(2);
  });

  it('are none, with the reason, where DNS has never answered', async () => {
    await expect(arrange().find()).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  it('are one for who wants one', async () => {
    const { lookup } = arrange(records(1, '10.0.0.1'));
    const { promise, resolve } = Promise.withResolvers<unknown>();
    lookup('shop.test', {}, (_, address, family) => resolve({ address, family }));
    expect(await promise).toEqual({ address: '10.0.0.1', family: 4 });
  });
});
