import { describe, expect, it } from 'vitest';
import { nodeConfig } from '../testing/node-config.ts';
import { changeFields, configChanges } from './config-changes.ts';

const SECRET = 'a secret of sixteen or more';
const pool = (name: string, more: object = {}, ...ids: string[]) => ({
  name,
  endpoints: ids.map((id, index) => ({ id, url: `http://10.0.0.${index}` })),
  ...more,
});

describe('the changes of a configuration', () => {
  const before = nodeConfig({ pools: [pool('shop', {}, 'a', 'b'), pool('old', {}, 'x')] });

  it('are none between equal configurations', () => {
    expect(changeFields(configChanges(before, structuredClone(before)))).toEqual({});
  });

  it('name what came, went and changed, each once: an endpoint is no change of its pool', () => {
    const after = nodeConfig({
      pools: [pool('shop', {}, 'a', 'c'), pool('new', {}, 'x')],
      listeners: [
        { name: 'web', listen: '127.0.0.1:0', pool: 'new' },
        { name: 'api', listen: ':81', pool: 'shop' },
      ],
    });
    expect(changeFields(configChanges(before, after))).toEqual({
      listeners_added: 'api',
      listeners_changed: 'web',
      pools_added: 'new',
      pools_removed: 'old',
      endpoints_added: 'shop/c, new/x',
      endpoints_removed: 'shop/b, old/x',
    });
  });

  it('tell settings of a pool from those of an endpoint', () => {
    const heavier = [{ id: 'a', url: 'http://10.0.0.0', weight: 2 }, before.pools[0]?.endpoints[1]];
    const after = nodeConfig({
      pools: [pool('shop', { balance: 'least-connections', endpoints: heavier }), pool('old', {}, 'x')],
    });
    expect(changeFields(configChanges(before, after))).toEqual({
      pools_changed: 'shop',
      endpoints_changed: 'shop/a',
    });
  });

  it('show no value, least of all a secret', () => {
    const after = nodeConfig({ secrets: [SECRET], admin: { token: SECRET } });
    const changes = configChanges(nodeConfig({ admin: {} }), after);
    expect(changes.settings).toEqual(['secrets', 'admin']);
    expect(JSON.stringify(changes)).not.toContain(SECRET);
  });
});
