import { describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { welcome } from '../support/visitor.ts';

const TOKEN = 'a token for operators';

describe('the admin listener', () => {
  const stage = useStage();

  it('asks for the token where one is configured, except for probes', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode({ admin: { token: TOKEN } });
    const attempts = [
      { headers: {}, status: 401 },
      { headers: { authorization: 'Bearer wrong' }, status: 401 },
      { headers: { authorization: TOKEN }, status: 401 },
      { headers: { authorization: `Bearer ${TOKEN} ` }, status: 200 },
      { headers: { authorization: `Bearer ${TOKEN}x` }, status: 401 },
      { headers: { authorization: `Bearer ${TOKEN}` }, status: 200 },
    ];
    for (const { headers, status } of attempts) {
      const response = await node.admin('/status', headers);
      expect(response.status, JSON.stringify(headers)).toBe(status);
      expect(response.body).not.toContain(TOKEN);
      if (status === 401) expect(JSON.parse(response.body).error.code).toBe('DOWNSTREAM_UNAUTHORIZED');
    }
    expect((await node.admin('/nothing')).status).toBe(401);
    expect((await node.admin('/livez')).status).toBe(200);
    expect(await node.admin('/readyz')).toEqual({
      status: 200,
      body: JSON.stringify({ ready: true, reasons: [] }),
    });
  });

  it('tells who is where, and none of the secrets', async () => {
    await stage().startEndpoints(2);
    const node = await stage().startNode({ storeUrl: stage().sqliteUrl() });
    await welcome(10, stage().clients());
    const status = await node.status();
    expect(status).toMatchObject({ pid: node.child.pid, store: { kind: 'sqlite', state: 'available' } });
    expect(status.requests).toMatchObject({ requests: 10, retries: 0, byOutcome: { created: 10 } });
    expect(status.pinned).toEqual({ 'shop/shop-1': 5, 'shop/shop-2': 5 });
    expect((await node.admin('/status')).body).not.toContain('a secret for tests');
  });

  it('is ready while the store is unavailable: no other node would be better off', async () => {
    const redis = await stage().startRedis();
    await stage().startEndpoints(1);
    const node = await stage().startNode({ storeUrl: redis.url });
    await redis.kill();
    await welcome(8, stage().clients());
    const { store } = await node.status();
    expect(store.state).toBe('unavailable');
    expect(await node.isReady()).toBe(true);
  });
});
