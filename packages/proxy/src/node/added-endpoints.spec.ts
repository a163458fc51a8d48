import { nodeId, silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { shortId } from '../testing/endpoints.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { AddedEndpoints } from './added-endpoints.ts';
import { openNodeCore } from './node-core.ts';

const endpointOf = (id: string, url: string) => ({ id, url, weight: 1, sticky: true, backup: false });
const added = endpointOf('d', 'http://10.0.0.9');

describe('the endpoints that operators have added', () => {
  it('are those of their pool, until each is removed', () => {
    const endpoints = new AddedEndpoints([{ pool: 'shop', endpoint: added }]);
    endpoints.add('shop', endpointOf('e', 'http://10.0.0.10'));
    expect(endpoints.of('shop').map(({ id }) => id)).toEqual(['d', 'e']);
    expect(endpoints.of('other')).toEqual([]);
    expect([endpoints.remove('shop', 'd'), endpoints.remove('shop', 'd')]).toEqual([true, false]);
    expect(endpoints.of('shop').map(({ id }) => id)).toEqual(['e']);
  });

  it('are passed over while somebody else names an endpoint of their id or address', () => {
    const endpoints = new AddedEndpoints([{ pool: 'shop', endpoint: added }]);
    expect(endpoints.beside('shop', [{ id: 'd', url: 'http://10.0.0.1' }])).toEqual([]);
    expect(endpoints.beside('shop', [{ id: 'x', url: 'http://10.0.0.9:80' }])).toEqual([]);
    expect(endpoints.beside('shop', [{ id: 'x', url: 'http://10.0.0.1' }])).toEqual([added]);
  });

  it('are endpoints of the pools of a node from their beginning, and after each reload', async () => {
    const clock = new ManualClock();
    const config = nodeConfig();
    const core = await openNodeCore(config, {
      ...{ clock, log: silentLogger, random: seededRandom(1), node: nodeId('node-1') },
      recorder: { requestFinished: () => {} },
      added: new AddedEndpoints([{ pool: 'shop', endpoint: added }]),
    });
    const commit = (): void =>
      core.pools.prepare({ pools: config.pools, secrets: [], endpointTls: new Map() }).commit();
    const idsNow = () => core.pools.find('shop')?.pool.endpoints.map(shortId);
    commit();
    expect(idsNow()).toEqual(['a', 'd']);
    core.added.add('shop', endpointOf('e', 'http://10.0.0.10'));
    commit();
    expect(idsNow()).toEqual(['a', 'd', 'e']);
    core.added.remove('shop', 'd');
    core.pools.find('shop')?.place();
    expect(idsNow()).toEqual(['a', 'e']);
    core.pools.close();
    await core.store.guarded.close();
  });
});
