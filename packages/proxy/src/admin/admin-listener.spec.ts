import { type EndpointId, nodeId, silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import type { MemberRecord } from '@holdfast/store';
import { memberOf } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Member } from '../cluster/member.ts';
import { CurrentConfig, hashOf, type ReloadReport } from '../node/current-config.ts';
import { openStore } from '../node/open-store.ts';
import { ConnectionCounters } from '../record/connection-counters.ts';
import { RequestCounters } from '../record/request-counters.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { healthCheck, testPool } from '../testing/test-pool.ts';
import { testRecord } from '../testing/test-record.ts';
import { AdminListener } from './admin-listener.ts';
import { refused } from './answer.ts';
import { NodeStatus } from './node-status.ts';

const TOKEN = 'a token for operators';

/** What a node says of itself and knows of the others, as the test wants it. */
interface ClusterOfTest {
  own: MemberRecord | undefined;
  members: readonly Member[];
  isCutOff: boolean;
}

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
  const current = new CurrentConfig(config, 'the text', clock);
  const connections = new ConnectionCounters();
  const cluster: ClusterOfTest = { own: undefined, members: [], isCutOff: false };
  const moves = { mover: { moved: {} }, rebalances: { of: () => undefined } };
  const parts = { current, node, store, counters, connections, cluster, clock, ...moves };
  const status = new NodeStatus({ ...parts, listeners: { all: [] }, pools: { all: [{ pool }] } });
  const reloads: ReloadReport[] = [];
  const listener = new AdminListener(config.admin?.listen ?? { host: '127.0.0.1', port: 0 }, {
    token: () => token,
    status,
    reload: async () => {
      current.lastReload = reloads.shift();
      return current.lastReload as ReloadReport;
    },
    leave: () => undefined,
    ask: async () => refused('STORE_UNAVAILABLE', 'nobody is asked'),
    metrics: { read: async () => [], text: async () => 'holdfast_retries_total 1\n' },
    clock,
  });
  opened.push(listener);
  const { port } = await listener.open();
  const ask = (path: string, authorization?: string, more: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      ...more,
      headers: { ...more.headers, ...(authorization !== undefined && { authorization }) },
    });
  return { ask, status, reloads, pool, counters, clock, store, cluster };
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
      configuration: { hash: hashOf('the text'), loadedAt: '2023-11-14T22:13:20.000Z' },
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
    });
  });

  it('says that a node is not ready which is cut off from what the others reach', async () => {
    const { ask, status, cluster } = await setUp();
    status.phase = 'serving';
    cluster.isCutOff = true;
    const response = await ask('/readyz');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ reasons: [expect.stringMatching(/^most endpoints/)] });
    expect(await (await ask('/status')).json()).toMatchObject({ isCutOff: true });
  });

  it('tells of all nodes, which of them hold an endpoint down, and whose configuration is another', async () => {
    const { ask, cluster, pool } = await setUp();
    const [a] = pool.endpoints;
    const holdsDown = { opinions: [{ pool: pool.name, down: [a?.id as EndpointId] }] };
    cluster.own = memberOf('node-1', holdsDown);
    cluster.members = [
      {
        kind: 'alive',
        record: memberOf('node-0', { ...holdsDown, fingerprint: 'another' }),
        silentMs: 480.4,
      },
      {
        kind: 'gone',
        record: memberOf('node-2', { ...holdsDown, fingerprint: 'a third' }),
        silentMs: 11_000,
      },
    ];
    expect(await (await ask('/status')).json()).toMatchObject({
      members: [
        { node: 'node-0', state: 'alive', phase: 'serving', release: '1.2.3', silentMs: 480 },
        { node: 'node-1', state: 'self', startedAt: '2023-11-14T22:13:20.000Z', holdsDown: ['shop/a'] },
        { node: 'node-2', state: 'gone' },
      ],
      warnings: [expect.stringMatching(/^node-0 goes by other pools or secrets/)],
      pools: [{ endpoints: [{ id: 'shop/a', heldDownBy: ['node-0', 'node-1'] }, { heldDownBy: [] }] }],
    });
  });

  it('tells the state without pins while the session map cannot be asked', async () => {
    expect(await (await (await setUp()).ask('/status')).json()).not.toHaveProperty('pinned');
  });

  it('knows no other path', async () => {
    const response = await (await setUp()).ask('/other');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'DOWNSTREAM_NOT_FOUND' } });
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
    const metrics = await ask('/metrics', `Bearer ${TOKEN}`);
    expect([metrics.status, await metrics.text()]).toEqual([200, 'holdfast_retries_total 1\n']);
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
    for (const path of ['/status', '/metrics', '/other', '//status', '/Status', '/livez/../status']) {
      const response = await ask(path, authorization);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({ error: { code: 'DOWNSTREAM_UNAUTHORIZED' } });
    }
  });
});

describe('a reload by the admin listener', () => {
  const none = { added: [], removed: [], changed: [] };
  const changes = { listeners: none, pools: none, endpoints: { ...none, added: ['shop/c'] }, settings: [] };
  const applied: ReloadReport = { outcome: 'applied', changes, trigger: 'admin', atMs: 0 };
  const refused = (cause: 'configuration' | 'system'): ReloadReport => ({
    ...{ outcome: 'refused', cause, problems: ['shop.yaml:1:1: wrong'] },
    ...{ trigger: 'admin', atMs: 0 },
  });
  const POST = { method: 'POST' };

  it.each([
    [200, applied],
    [422, refused('configuration')],
    [503, refused('system')],
  ])('answers %i and tells what came of it, then and afterwards', async (status, report) => {
    const { ask, reloads } = await setUp();
    reloads.push(report);
    const response = await ask('/reload', undefined, POST);
    expect(response.status).toBe(status);
    const { atMs: _, ...outcome } = report;
    const told = { ...outcome, at: '1970-01-01T00:00:00.000Z' };
    expect(await response.json()).toEqual(told);
    expect(await (await ask('/status')).json()).toMatchObject({ configuration: { lastReload: told } });
  });

  it.each<[string, Record<string, string>]>([
    ['another origin', { origin: 'http://evil.test' }],
    ['a file or a sandbox', { origin: 'null' }],
    ['a name that was bound to this address', { origin: 'http://127.0.0.1:9900' }],
    ['a browser that hides the origin', { 'sec-fetch-site': 'cross-site' }],
  ])('is refused to a page of %s', async (_, headers) => {
    const { ask, reloads } = await setUp();
    reloads.push(applied);
    const response = await ask('/reload', undefined, { ...POST, headers });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'DOWNSTREAM_FORBIDDEN' } });
    expect(reloads).toHaveLength(1);
  });

  it('needs the token', async () => {
    const { ask, reloads } = await setUp(TOKEN);
    reloads.push(applied);
    expect((await ask('/reload', undefined, POST)).status).toBe(401);
    expect((await ask('/reload', `Bearer ${TOKEN}`, POST)).status).toBe(200);
  });

  it('is no matter of looking', async () => {
    expect((await (await setUp()).ask('/reload')).status).toBe(404);
  });
});
