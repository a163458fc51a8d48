import { EventSource } from 'undici';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';

const EVENTS = 100;

describe('what an endpoint pushes', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');
  let node: HoldfastNode;
  let endpoint: ProgramEndpoint;

  beforeEach(async () => {
    [endpoint] = (await startEndpoints(1)) as [ProgramEndpoint];
    node = await stage().startNode({ endpoints: [endpoint.address] });
  });

  it('arrives event by event, each before the next is sent', async () => {
    const source = new EventSource(`${node.origin}/events`);
    const received: string[] = [];
    source.addEventListener('message', ({ data }) => received.push(data));
    await endpoint.untilTold({ waiting: '/events' });
    for (let event = 0; event < EVENTS; event++) {
      await endpoint.ask(`/control/emit?text=${event}`);
      await until(`event ${event} arrives`, () => received.length > event);
    }
    expect(received).toEqual(Array.from({ length: EVENTS }, (_, event) => String(event)));
    source.close();
    await endpoint.untilTold({ left: '/events' });
  });

  it('has its head on the way before there is a first event', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['GET /events HTTP/1.1', 'Host: shop.test']);
    const [head] = await connection.untilReceived(/^[\s\S]*\r\n\r\n/);
    expect(head).toMatch(/^HTTP\/1\.1 200 [\s\S]*Content-Type: text\/event-stream\r\n/);
    connection.close();
  });

  it('answers a long poll when there is something to tell, and the next one after it', async () => {
    const client = stage().client(node, 1);
    for (let turn = 1; turn <= 3; turn++) {
      const polled = client.send({ path: '/poll' });
      await until(
        'the poll waits',
        () => endpoint.told.filter(({ waiting }) => waiting === '/poll').length === turn,
      );
      await endpoint.ask(`/control/emit?text=turn-${turn}`);
      expect((await polled).body).toBe(`turn-${turn}`);
    }
  });

  it.each(['/events', '/poll'])('ends at the endpoint when the client of %s leaves', async (path) => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send([`GET ${path} HTTP/1.1`, 'Host: shop.test']);
    await endpoint.untilTold({ waiting: path });
    connection.close();
    await endpoint.untilTold({ left: path }, 2_000);
  });
});
