import { describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';

describe('when every node of a cluster restarts', () => {
  const stage = useStage();
  const stores = {
    redis: async () => (await stage().startRedis()).url,
    sqlite: async () => stage().sqliteUrl(),
  };

  it.each([
    { store: 'redis', signal: 'SIGTERM' },
    { store: 'sqlite', signal: 'SIGTERM' },
    { store: 'sqlite', signal: 'SIGKILL' },
  ] as const)('no session moves and no cookie changes ($store, $signal)', async ({ store, signal }) => {
    await stage().startEndpoints(4);
    const nodes = await stage().startNodes(2, { storeUrl: await stores[store]() });
    const visitors = await welcome(60, stage().clients());
    await visitAll(visitors, stage().clients());
    const pathsBefore = pathsOf(visitors);

    await Promise.all(nodes.map((node) => node.end(signal)));
    await Promise.all(nodes.map((node) => node.start()));
    await visitAll(visitors, stage().clients());

    expect(pathsOf(visitors)).toEqual(pathsBefore);
    const visits = visitors.flatMap((visitor) => visitor.visits);
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(visits.filter(({ setsCookie }) => setsCookie)).toHaveLength(visitors.length);
    expect(visits.filter(({ version }) => version !== 1)).toEqual([]);
    // Everybody moving to where they already were by the same hash would look the same: the map itself must be there.
    expect(await nodes[0]?.pinnedTotal()).toBe(visitors.length);
  });
});
