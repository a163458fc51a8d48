import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crowd } from '../chaos/crowd.ts';
import { goWrong } from '../chaos/mishaps.ts';
import { World } from '../chaos/world.ts';
import { DnsClient } from '../support/dns-client.ts';
import { checkHistory } from '../support/history/check-history.ts';
import { useStage } from '../support/stage.ts';
import { atRate } from '../support/workers.ts';

const SECONDS = Number(process.env.CHAOS_SECONDS ?? 5);
const PER_SECOND = 200;
const NEWCOMER_SHARE = 0.05;

describe('a cluster in which endpoints, nodes and Redis fail at random', () => {
  const stage = useStage('file');
  let world: World;
  beforeAll(async () => {
    world = await World.open(stage(), 'random faults', { isLinked: true, commandTimeout: '500ms' });
  });
  afterAll(() => world?.close());

  it('keeps its promises to sessions, as the records of clients and endpoints show', {
    timeout: 60_000 + 2_000 * SECONDS,
  }, async () => {
    const dns = new DnsClient(world.nodes, world.clients, world.random);
    const crowd = new Crowd('regular', [dns], world.random);
    await crowd.welcome(100);
    const load = atRate(PER_SECOND, () =>
      world.random.unit() < NEWCOMER_SHARE ? crowd.newcomer() : crowd.visit(),
    );
    await goWrong(world, SECONDS * 1_000, (name) => process.stderr.write(`${name}\n`));
    await world.untilWhole();
    await load.stop();
    await dns.close();
    world.note({ kind: 'settled' });
    for (const visitor of crowd.regulars)
      for (const client of world.clients) await crowd.visit(visitor, client);

    expect(crowd.seen.length).toBeGreaterThan((SECONDS * PER_SECOND) / 2);
    expect(checkHistory(world.history(crowd)).map(({ invariant, what }) => `${invariant}: ${what}`)).toEqual(
      [],
    );
  });
});
