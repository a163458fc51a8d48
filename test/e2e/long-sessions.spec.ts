import { describe, expect, it } from 'vitest';
import { LiveSocket } from '../clients/live-socket.ts';
import { useEndpoints } from '../clients/program-endpoint.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** Each touch is a quarter of the idle timeout after the last, so that this many take at least two idle timeouts. */
const TOUCHES = 8;

const touched = (node: HoldfastNode): Promise<unknown> =>
  until('the pin has been touched for two idle timeouts', async () => {
    const { touch = 0 } = (await node.status()).store.operations;
    return touch >= TOUCHES;
  });

describe('a session does not expire', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');

  const startNode = async (): Promise<HoldfastNode> => {
    const endpoints = (await startEndpoints(3)).map(({ address }) => address);
    return stage().startNode({ endpoints, storeUrl: stage().sqliteUrl(), affinity: { idleTimeout: '1s' } });
  };

  it('under a WebSocket that is open, however silent it is', async () => {
    const node = await startNode();
    const live = await LiveSocket.open(node.origin, '/');
    await touched(node);
    const again = await LiveSocket.open(node.origin, '/', { cookie: live.cookie });
    expect(again.servedBy).toBe(live.servedBy);
    const { byOutcome } = (await node.status()).requests;
    expect(await node.pinnedTotal()).toBe(1);
    expect(byOutcome.created).toBeLessThanOrEqual(1);
    live.socket.terminate();
    again.socket.terminate();
    await until('it is forgotten once both are gone', async () => (await node.pinnedTotal()) === 0);
  });

  it('under an event stream to which nothing is sent', async () => {
    const node = await startNode();
    const answer = await fetch(`${node.origin}/events`);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    await touched(node);
    const again = await fetch(`${node.origin}/`, { headers: { cookie } });
    expect(again.headers.get('x-served-by')).toBe(answer.headers.get('x-served-by'));
    expect(await node.pinnedTotal()).toBe(1);
    await answer.body?.cancel();
  });
});
