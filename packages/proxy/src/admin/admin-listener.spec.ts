import { nodeId, silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../node/open-store.ts';
import { RequestCounters } from '../record/request-counters.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { healthCheck, testPool } from '../testing/test-pool.ts';
import { testRecord } from '../testing/test-record.ts';
import { AdminListener } from './admin-listener.ts';
import { NodeStatus } from './node-status.ts';

const TOKEN = 'a token for operators';

const opened: AdminListener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
});

/** An admin listener on a real socket, and what it tells of. */
async function setUp(token = '') {
  const config = nodeConfig({ admin: { listen: '127.0.0.1:0', token } });
  const clock = new ManualClock();
  const store = await openStore(config, clock, seededRandom(1), silentLogger);
  const counters = new RequestCounters();
  const pool = testPool({ clock, healthCheck, endpoints: [testEndpoint('a', 2), testEndpoint('b')] });
  const node = nodeId('node-1');
  const status = new NodeStatus({ config, node, store, listeners: [], pools: [pool], counters, clock });
  const listener = new AdminListener(config.admin as NonNullable<typeof config.admin>, status);
  opened.push(listener);
  const { port } = await listener.open();
  const ask = (path: string, authorization?: string) =>
    fetch(
      `http://127.0.0.1:${port}${path}`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
  return { ask, status, pool, counters, clock, store };
}

describe('the admin listener', () => {
  it('says that the process lives, whatever its phase', async () => {
    const { ask, status } = await setUp();
    for (const phase of ['starting', 'serving', 'leaving'] as const) {
      status.phase = phase;
      expect((await ask('/livez')).status).toBe(200);
    }
  });

  it.each([
    ['starting', 503, ['the node is starting']],
    ['serving', 200, []],
    ['leaving', 503, ['the node is leaving']],
  ] as const)('says of a node that is %s: %i', async (phase, code, reasons) => {
    const { ask, status } = await setUp();
    status.phase = phase;
    const response = await ask('/readyz');
    expect(response.status).toBe(code);
    expect(await response.json()).toEqual({ ready: code === 200, reasons });
  });

  it('tells the whole state', async () => {
    const { ask, status, pool, counters, clock } = await setUp();
    status.phase = 'serving';
    counters.requestFinished(testRecord());
    const [a] = pool.endpoints;
    if (a !== undefined) pool.reported(a, 'connect-failed');
    await clock.advance(61_500);
    expect(await (await ask('/status')).json()).toMatchObject({
      cluster: 'test',
      node: 'node-1',
      phase: 'serving',
      uptimeSeconds: 61,
      store: { kind: 'memory', state: 'available', invalidationsLive: true },
      requests: { requests: 1 },
      pools: [
        {
          name: 'shop',
          endpoints: [
            { id: 'shop/a', weight: 2, standing: 'down', outlier: 'ejected', inFlight: 0 },
            { id: 'shop/b', weight: 1, standing: 'serving', healthCheck: 'passing', outlier: 'trusted' },
          ],
        },
      ],
      pinned: {},
    });
  });

  it('knows no other path', async () => {
    expect((await (await setUp()).ask('/other')).status).toBe(404);
  });
});

describe('the token of the admin listener', () => {
  it('is not asked of probes, as orchestrators have none', async () => {
    const { ask } = await setUp(TOKEN);
    expect((await ask('/livez')).status).toBe(200);
    expect((await ask('/readyz')).status).toBe(503);
  });

  it('opens everything else', async () => {
    const { ask } = await setUp(TOKEN);
    expect((await ask('/status', `Bearer ${TOKEN}`)).status).toBe(200);
  });

  it.each([
    ['none', undefined],
    ['another', 'Bearer another token here'],
    ['the beginning of it', `Bearer ${TOKEN.slice(0, -1)}`],
    ['more than it', `Bearer ${TOKEN}x`],
    ['it in another case', `Bearer ${TOKEN.toUpperCase()}`],
    ['it as a password', `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`],
    ['an empty one', 'Bearer '],
  ])('is refused, and nothing is told, where it is %s', async (_, authorization) => {
    const { ask } = await setUp(TOKEN);
    for (const path of ['/status', '/other', '//status', '/Status', '/livez/../status']) {
      const response = await ask(path, authorization);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'DOWNSTREAM_UNAUTHORIZED' } });
    }
  });
});
