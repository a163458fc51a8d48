import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, holdfast } from '../support/command.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { JsonLine } from '../support/json-line.ts';
import { useStage } from '../support/stage.ts';
import { untilWorkers } from '../support/supervised-node.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';

const ENDPOINTS = ['shop-1', 'shop-2', 'shop-3'];

const stage = useStage('file');

let shared: HoldfastNode;
let single: HoldfastNode;
let clients: readonly HttpClient[];

/** One node of two workers and one of a single process, on one session map. */
beforeAll(async () => {
  await stage().startEndpoints(3);
  const storeUrl = stage().sqliteUrl();
  shared = await stage().startNode({ storeUrl, top: { workers: 2 } });
  single = await stage().startNode({ storeUrl });
  await untilWorkers(shared, 2);
  clients = stage().clients();
});

beforeEach(async () => {
  for (const id of ENDPOINTS)
    await fetch(`${single.adminOrigin}/endpoints/shop/${id}/drain`, { method: 'DELETE' });
  for (const id of ENDPOINTS) await untilAll(`shop/${id}`, (drains) => !drains);
});

const ask = (node: HoldfastNode, ...args: readonly string[]): Promise<Ended> =>
  holdfast(...args, '--url', node.adminOrigin);

const clientOf = (node: HoldfastNode): HttpClient => clients[node === shared ? 0 : 1] as HttpClient;

/** Waits until every process, by its own word, goes by the drain of the endpoint, or by its end. */
const untilAll = (endpoint: string, isSo: (drains: boolean) => boolean): Promise<unknown> =>
  until(`every process has heard of ${endpoint}`, () =>
    [...processesOf(shared, 2), ...processesOf(single, 1)].every((told) => isSo(isDraining(told, endpoint))),
  );

/** What each process of a node has logged; a worker is known by its `pid`. */
function processesOf(node: HoldfastNode, count: number): readonly (readonly JsonLine[])[] {
  const byPid = Map.groupBy(node.events, ({ pid }) => pid);
  const told = [...byPid.values()].filter((lines) => count === 1 || lines.some(isAboutDrain));
  return told.length < count ? [...told, ...Array.from({ length: count - told.length }, () => [])] : told;
}

const isAboutDrain = ({ msg }: JsonLine): boolean => /^endpoint drains/.test(String(msg));

function isDraining(told: readonly JsonLine[], endpoint: string): boolean {
  const latest = told.findLast((line) => isAboutDrain(line) && line.endpoint === endpoint);
  return latest !== undefined && latest.msg !== 'endpoint drains no longer';
}

/** A visitor whose session is at that endpoint. */
async function visitorAt(endpoint: string, node: HoldfastNode): Promise<Visitor> {
  for (let number = 0; number < 20; number++) {
    const visitor = new Visitor(`visitor-${number}`);
    const { servedBy } = await visitor.visit(clientOf(node));
    if (servedBy === endpoint) return visitor;
  }
  throw new Error(`no session came to ${endpoint}`);
}

/** The key of the session that the visitor's cookie names. */
async function keyOf({ cookie }: Visitor): Promise<string> {
  const body = JSON.stringify({ headers: [['Cookie', `_srv_id=${cookie}`]] });
  const response = await fetch(`${shared.adminOrigin}/explain`, { method: 'POST', body });
  const { keys } = (await response.json()) as { readonly keys: readonly { readonly key: string }[] };
  return keys[0]?.key ?? '';
}

/** The endpoints that so many new visitors come to. */
async function newcomers(node: HoldfastNode, count: number): Promise<ReadonlySet<string | undefined>> {
  const visits = Array.from({ length: count }, (_, index) =>
    new Visitor(`new-${index}`).visit(clientOf(node)),
  );
  return new Set((await Promise.all(visits)).map(({ servedBy }) => servedBy));
}

describe('holdfast endpoints', () => {
  it('drains on every node what one node is asked to drain, keeps its sessions, and takes it back', async () => {
    const visitor = await visitorAt('shop-1', single);
    const drained = await ask(shared, 'endpoints', 'drain', 'shop/shop-1');
    expect(drained, drained.stderr).toMatchObject({ exitCode: 0 });
    expect(drained.stdout).toMatch(/shop\/shop-1 drains, no deadline: \d+ sessions left/);
    await untilAll('shop/shop-1', (drains) => drains);
    for (const node of [shared, single]) {
      expect(await newcomers(node, 12)).toEqual(new Set(['shop-2', 'shop-3']));
      expect((await visitor.visit(clientOf(node))).servedBy).toBe('shop-1');
    }
    const listed = await ask(single, 'endpoints', 'list', '--json');
    expect(JSON.parse(listed.stdout).endpoints[0]).toMatchObject({ id: 'shop/shop-1', standing: 'draining' });
    expect((await ask(single, 'endpoints', 'undrain', 'shop/shop-1')).stdout).toBe(
      'shop/shop-1 is serving\n',
    );
    await untilAll('shop/shop-1', (drains) => !drains);
    expect(await newcomers(shared, 12)).toContain('shop-1');
  });

  it('moves what is left with its next request from the deadline on, and says when nobody would notice', async () => {
    const visitor = await visitorAt('shop-1', shared);
    const drained = await ask(
      single,
      'endpoints',
      'drain',
      'shop/shop-1',
      '--deadline',
      '1s',
      '--wait',
      '30s',
    );
    expect(drained, drained.stderr).toMatchObject({ exitCode: 0 });
    expect(drained.stdout).toMatch(/safe to terminate\n$/);
    const visit = await visitor.visit(clientOf(shared));
    // By its own request, or before that by the node that empties the endpoint.
    expect(visit).toMatchObject({ status: 200, outcome: expect.stringMatching(/repinned|adopted/) });
    expect(visit.moved).toBe('from=shop/shop-1; reason=endpoint-drained');
    expect((await visitor.visit(clientOf(single))).servedBy).toBe(visit.servedBy);
  });

  it('goes on serving when every endpoint drains', async () => {
    const visitor = await visitorAt('shop-2', single);
    for (const id of ENDPOINTS)
      await fetch(`${single.adminOrigin}/endpoints/shop/${id}/drain`, { method: 'PUT' });
    await untilAll('shop/shop-3', (drains) => drains);
    expect((await newcomers(shared, 12)).size).toBe(3);
    expect(await visitor.visit(clientOf(shared))).toMatchObject({ servedBy: 'shop-2', status: 200 });
  });

  it('says what is wrong, and where', async () => {
    for (const node of [shared, single]) {
      const unknown = await ask(node, 'endpoints', 'drain', 'shop/shop-9');
      expect(unknown.exitCode).toBe(1);
      expect(unknown.stderr).toMatch(/answered 404: no endpoint "shop\/shop-9".*DOWNSTREAM_NOT_FOUND/);
    }
  });
});

describe('holdfast status and explain', () => {
  it('show a node of several processes as one, and what would become of a request', async () => {
    const said = await ask(shared, 'status');
    expect(said.stdout).toMatch(/^node node-1 of cluster test: serving for \d+ s/);
    expect(said.stdout).toMatch(/shop\/shop-3 +serving +- +none +\d+ +0 +0\n/);
    expect(said.stdout).toMatch(/WORKER +PROCESS +PHASE +REQUESTS\n +\d+ +\d+ +serving/);
    const visitor = await visitorAt('shop-2', single);
    const explained = await ask(shared, 'explain', '/', '--cookie', `_srv_id=${visitor.cookie}`, '--json');
    expect(JSON.parse(explained.stdout)).toMatchObject({
      ...{ listener: 'web', pool: 'shop', decision: 'keep', endpoint: 'shop/shop-2' },
      keys: [{ source: 'cookie', known: 'store', standing: 'serving' }],
    });
    const bare = await ask(single, 'explain', '/path', '-H', 'X-User: 7');
    expect(bare.stdout).toMatch(/^listener web, route \/, pool shop\nnone: by the balance policy\n/);
  });
});

describe('holdfast sessions', () => {
  it('shows a session by its key, moves it for all nodes, and forgets it', async () => {
    const visitor = await visitorAt('shop-1', shared);
    const key = await keyOf(visitor);
    const page = await ask(single, 'sessions', 'list', '--endpoint', 'shop/shop-1', '--limit', '1000');
    expect(page.stdout).toContain(key);
    expect(page.stdout).not.toContain(visitor.cookie);

    const got = await ask(single, 'sessions', 'get', key);
    expect(got.stdout).toMatch(new RegExp(`${key} +shop/shop-1 +1 `));
    const moved = await ask(shared, 'sessions', 'move', key, 'shop/shop-3', '--json');
    expect(moved, moved.stderr).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(moved.stdout)).toMatchObject({ key, endpoint: 'shop/shop-3', version: 2 });
    for (const node of [shared, single]) {
      await until('the news of the move have come', async () => {
        const { servedBy } = await visitor.visit(clientOf(node));
        return servedBy === 'shop-3';
      });
    }

    const forgotten = await ask(single, 'sessions', 'unpin', key);
    expect(forgotten.stdout).toBe(`forgotten: ${key} was at shop/shop-3\n`);
    expect((await fetch(`${shared.adminOrigin}/sessions/${key}`)).status).toBe(404);
  });
});

describe('the events of a node', () => {
  /** Reads what a node tells of events until it matches. */
  async function watched(node: HoldfastNode, pattern: RegExp, act: () => Promise<unknown>): Promise<string> {
    const response = await fetch(`${node.adminOrigin}/events`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    await act();
    while (!pattern.test(text)) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    return text;
  }

  it('tell of what was done at another one', async () => {
    const visitor = await visitorAt('shop-1', single);
    const key = await keyOf(visitor);
    const text = await watched(shared, /session-moved/, () =>
      fetch(`${single.adminOrigin}/sessions/${key}/move`, { method: 'POST', body: '{"to":"shop/shop-2"}' }),
    );
    const [, data = ''] = /^data: (.*session-moved.*)$/m.exec(text) ?? [];
    expect(JSON.parse(data)).toMatchObject({ key, version: 2, endpoint: 'shop/shop-2' });
  });

  it('keep no node from its end', async () => {
    const watching = await fetch(`${single.adminOrigin}/events`);
    expect(await single.end()).toMatchObject({ code: 0 });
    await watching.text().catch(() => {});
  });
});
