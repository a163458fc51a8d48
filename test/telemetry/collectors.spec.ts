import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { type Behaviour, OtlpReceiver } from '../support/otlp-receiver.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** Two spans for each of them are more than one export takes. */
const REQUESTS = 400;
const AT_ONCE = 20;
/** Exports in a row that a collector fails: more than may go on at once. */
const TRIES = 4;

const stage = useStage('file');
let receiver: OtlpReceiver;
let node: HoldfastNode;
let client: HttpClient;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  await stage().startEndpoints(1);
  const otlp = { endpoint: receiver.endpoint, timeout: '500ms' };
  node = await stage().startNode({ top: { telemetry: { otlp, traces: { sampling: 1 } } } });
  client = stage().client(node);
});
afterAll(() => receiver.close());
afterEach(() => {
  receiver.behaviour = 'takes';
});

/** Statuses of so many requests of clients that do not wait for each other. */
async function statusesOf(count: number): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  let left = count;
  const visit = async (): Promise<void> => {
    while (left-- > 0) statuses.add((await client.send()).status);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, visit));
  return statuses;
}

/** Exports of traces that have come to the collector. */
const tries = () => receiver.exports.filter(({ path }) => path === '/v1/traces').length;

/** Sends one request after the other until that is so. */
const untilAnother = (what: string, isSo: () => boolean) =>
  until(what, async () => {
    await client.send();
    return isSo();
  });

const said = (message: string) => node.events.filter(({ msg }) => msg === message);

describe('a collector that', () => {
  // Where the machine is busy, any of them may be given up before it has answered.
  it.each<[Behaviour, RegExp]>([
    ['refuses', /Internal Server Error|no answer in time/],
    ['hangs', /time/],
    ['breaks-off', /hang up|ECONNRESET|no answer in time/],
    ['drips', /no answer in time/],
  ])('%s fails no request, is told of once, and is tried again', async (behaviour, reason) => {
    const lostBefore = said('traces are lost').length;
    const backBefore = said('traces are exported again').length;
    const triesBefore = tries();
    receiver.behaviour = behaviour;
    expect(await statusesOf(REQUESTS)).toEqual(new Set([200]));
    await untilAnother('it has been tried again and again', () => tries() >= triesBefore + TRIES);
    receiver.behaviour = 'takes';
    await untilAnother('it is back', () => said('traces are exported again').length > backBefore);
    const told = said('traces are lost').slice(lostBefore);
    expect(told).toHaveLength(1);
    expect(told[0]?.reason).toMatch(reason);
  });

  it('babbles of success is believed', async () => {
    const lostBefore = said('traces are lost').length;
    const before = tries();
    receiver.behaviour = 'babbles';
    expect(await statusesOf(REQUESTS)).toEqual(new Set([200]));
    await until('some were sent', () => tries() > before);
    expect(said('traces are lost')).toHaveLength(lostBefore);
  });

  it('is away when the node ends holds it up for no more than two seconds', async () => {
    receiver.behaviour = 'hangs';
    await statusesOf(100);
    const exit = await node.end();
    expect(exit).toMatchObject({ code: 0 });
  });
});
