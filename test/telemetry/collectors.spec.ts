import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { type Behaviour, OtlpReceiver } from '../support/otlp-receiver.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** Two spans for each of them are more than wait for a collector, and than a connection holds back. */
const REQUESTS = 2_600;
const AT_ONCE = 20;

const stage = useStage('file');
let receiver: OtlpReceiver;
let node: HoldfastNode;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  await stage().startEndpoints(1);
  const otlp = { endpoint: receiver.endpoint, timeout: '500ms' };
  node = await stage().startNode({ top: { telemetry: { otlp, traces: { sampling: 1 } } } });
});
afterAll(() => receiver.close());
afterEach(() => {
  receiver.behaviour = 'takes';
});

/** Statuses of so many requests of clients that do not wait for each other. */
async function statusesOf(count: number): Promise<ReadonlySet<number>> {
  const client = stage().client(node);
  const statuses = new Set<number>();
  let left = count;
  const visit = async (): Promise<void> => {
    while (left-- > 0) statuses.add((await client.send()).status);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visit));
  return statuses;
}

const said = (message: string) => node.events.filter(({ msg }) => msg === message);

describe('a collector that', () => {
  it.each<[Behaviour, RegExp]>([
    ['refuses', /Internal Server Error|500/],
    ['hangs', /time/i],
    ['breaks-off', /hang up|ECONNRESET/],
    ['drips', /time/i],
  ])('%s fails no request, is told of once, and is tried again', async (behaviour, reason) => {
    const lostBefore = said('traces are lost').length;
    const backBefore = said('traces are exported again').length;
    receiver.behaviour = behaviour;
    expect(await statusesOf(REQUESTS)).toEqual(new Set([200]));
    await until('it is said that traces are lost', () => said('traces are lost').length > lostBefore);
    receiver.behaviour = 'takes';
    await until('traces are exported again', async () => {
      await stage().client(node).send();
      return said('traces are exported again').length > backBefore;
    });
    const told = said('traces are lost').slice(lostBefore);
    expect(told).toHaveLength(1);
    expect(`${told[0]?.reason}`).toMatch(new RegExp(`${reason.source}|more spans come`, reason.flags));
  });

  it('babbles of success is believed', async () => {
    const lostBefore = said('traces are lost').length;
    const before = receiver.exports.length;
    receiver.behaviour = 'babbles';
    expect(await statusesOf(600)).toEqual(new Set([200]));
    await until('some were sent', () => receiver.exports.length > before);
    expect(said('traces are lost')).toHaveLength(lostBefore);
  });

  it('is away when the node ends holds it up for no more than two seconds', async () => {
    receiver.behaviour = 'hangs';
    await statusesOf(100);
    const exit = await node.end();
    expect(exit).toMatchObject({ code: 0 });
  });
});
