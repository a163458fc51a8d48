import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { EntranceWorld, GET } from '../testing/entrance-world.ts';
import { certificateFiles } from '../testing/tls/certificates.ts';
import { listenerConfig, TakenExchange, WireWorld } from '../testing/wire-world.ts';
import { Certificates } from '../tls/certificates.ts';
import { TlsTermination } from '../tls/tls-termination.ts';

const opened: { close(): Promise<void> }[] = [];
const keep = <World extends { close(): Promise<void> }>(world: World): World => {
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const refused = (): string => 'refused-2';

describe('a listener that is given other settings', () => {
  it('hands the next request of an open connection over as they say; one that is under way is not touched', async () => {
    const world = keep(await WireWorld.open());
    const client = await world.clientThatSends(GET);
    const before = await world.exchange(1);
    const taken: TakenExchange[] = [];
    const handle: WireWorld['listener']['handle'] = (exchange) => taken.push(new TakenExchange(exchange));
    world.listener.reconfigure({ config: listenerConfig({ name: 'other' }), handle, refused });
    expect(world.listener.name).toBe('other');
    before.answer('old');
    await client.received('old');
    client.send(GET);
    await eventually('the next request is there', () => taken.length === 1);
    taken[0]?.answer('new');
    await client.received('new');
    expect([world.taken.length, taken.length]).toEqual([1, 1]);
  });

  it('keeps its timeouts with the next wait of an open connection', async () => {
    const world = keep(await WireWorld.open({ timeouts: { idle: '1h' } }));
    const client = await world.clientThatSends(GET);
    const { exchange } = await world.exchange(1);
    const { handle } = world.listener;
    const config = listenerConfig({ timeouts: { idle: '1s' } });
    world.listener.reconfigure({ config, handle, refused });
    exchange.respond({ status: 204, reason: 'No Content', lines: '', contentLength: -1 });
    exchange.end([]);
    await client.received('204');
    await world.clock.advance(1_500);
    await client.ended();
  });

  it('counts the connections that clients have already against their new limit', async () => {
    const world = keep(await EntranceWorld.open({ limits: { connectionsPerClient: 3 } }));
    const [first, second] = [await world.client(GET), await world.client(GET)];
    await Promise.all([first.received('welcome'), second.received('welcome')]);
    const config = listenerConfig({ limits: { connectionsPerClient: 2 } });
    const { listener } = world;
    listener.reconfigure({ config, handle: (exchange) => listener.handle(exchange), refused });
    await world.client();
    expect(await world.reason()).toBe('too many connections');
    expect(first.isClosed).toBe(false);
  });

  it('shows new certificates to new clients, while the old ones go on', async () => {
    const tls = (name: 'shop' | 'shop-renewed') => ({
      protocol: 'https',
      tls: { certificates: [certificateFiles(name)] },
    });
    const world = keep(await EntranceWorld.open(tls('shop')));
    const { listener, clock, log } = world;
    const before = await world.secured();
    const config = listenerConfig(tls('shop-renewed'));
    if (config.tls === undefined) throw new Error('no certificates in the settings');
    const certificates = await Certificates.open(config.tls, { listener: 'web', clock, log });
    const handle: typeof listener.handle = (exchange) => new TakenExchange(exchange).answer('renewed');
    listener.reconfigure({ config, handle, refused, tls: new TlsTermination(certificates, log, 'web') });
    const after = await world.secured();
    expect([before.shown, after.shown]).toEqual(['Holdfast test shop', 'Holdfast test shop-renewed']);
    before.client.send(GET);
    await before.client.received('renewed');
    await listener.close(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
