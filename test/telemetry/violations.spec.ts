import { openFaultyLink } from '@holdfast/store/testing';
import { request } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { Scrape } from '../support/prometheus-text.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';

const stage = useStage();
const ONE = { headers: { 'x-session': 'one' } };
const ANOTHER = { headers: { 'x-session': 'another' } };
/** For so long after a move a visit elsewhere is none: see `affinity/unconfirmed-visits.ts`. */
const TOLERANCE_MS = 1_000;

const violations = async (node: HoldfastNode): Promise<Readonly<Record<string, number>>> => {
  const series = (await Scrape.of(node.adminOrigin)).series('holdfast_affinity_violations_total');
  return Object.fromEntries(
    series.map(({ labels, value }) => [labels.holdfast_affinity_violation_reason ?? '', value]),
  );
};

const NONE = {
  'endpoint-suspect': 0,
  'endpoint-removed': 0,
  'connect-failed': 0,
  'request-failed': 0,
  'store-unavailable': 0,
};

describe('violations', () => {
  it('are the requests that a node cut off from the session map has served where the session was no more', async () => {
    const redis = await stage().startRedis();
    const link = await openFaultyLink(redis.port);
    onTestFinished(() => link.close());
    await stage().startEndpoints(2);
    // A key of the client's: no cookie of ours tells the node that is cut off where the session is.
    const wishes = { affinity: { type: 'header', name: 'x-session' }, store: { commandTimeout: '100ms' } };
    const node = await stage().startNode({ ...wishes, storeUrl: `redis://127.0.0.1:${redis.port}` });
    const cutOff = await stage().startNode({ ...wishes, storeUrl: `redis://127.0.0.1:${link.port}` });
    const [here, there] = stage().clients([node, cutOff]);
    const first = await visit(here, ONE);
    expect((await visit(there, ONE)).servedBy).toBe(first.servedBy);

    await link.cut();
    await until('the node does without the store', async () => {
      await visit(there, ANOTHER);
      return (await cutOff.status()).store.state === 'unavailable';
    });
    const { sessions } = JSON.parse((await node.admin('/sessions')).body);
    const [{ key, endpoint }] = sessions;
    const to = endpoint === 'shop/shop-1' ? 'shop/shop-2' : 'shop/shop-1';
    const moved = await request(`${node.adminOrigin}/sessions/${key}/move`, {
      method: 'POST',
      body: JSON.stringify({ to }),
      reset: true,
    });
    expect(moved.statusCode).toBe(200);
    const movedAtMs = Date.now();
    await until('the move is no news any more', () => Date.now() - movedAtMs > TOLERANCE_MS + 100);
    for (let count = 0; count < 3; count++) expect((await visit(there, ONE)).servedBy).toBe(first.servedBy);
    expect(await violations(cutOff)).toEqual(NONE);

    await link.mend();
    await until('the session is found where it is', async () => {
      const { servedBy } = await visit(there, ONE);
      return `shop/${servedBy}` === to;
    });
    const found = await violations(cutOff);
    expect(found['store-unavailable']).toBeGreaterThanOrEqual(3);
    expect({ ...found, 'store-unavailable': 0 }).toEqual(NONE);
    expect(await violations(node)).toEqual(NONE);
  });
});
