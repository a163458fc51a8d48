import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Visitor, type Way } from './visitor.ts';

interface StandIn extends AsyncDisposable {
  readonly way: Way;
  /** The sticky cookies that it was sent, in their order. */
  readonly seen: (string | undefined)[];
}

/** A proxy that sets a new sticky cookie in every answer: its own name and a number. */
async function startProxy(name: string): Promise<StandIn> {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(stickyCookie(request));
    response.setHeader('Set-Cookie', ['other=1', `_srv_id=${name}${seen.length}; Path=/; HttpOnly`]).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  return {
    way: { origin: { port: (server.address() as AddressInfo).port, secure: false }, agent },
    seen,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const stickyCookie = ({ headers }: IncomingMessage): string | undefined =>
  /_srv_id=(\w+)/.exec(headers.cookie ?? '')?.[1];

describe('a visitor', () => {
  it('takes the proxies in turn and keeps the last cookie for all of them', async () => {
    await using a = await startProxy('a');
    await using b = await startProxy('b');
    await new Visitor(1, [a.way, b.way]).askInTurn(4);

    expect(a.seen).toEqual([undefined, 'b1']);
    expect(b.seen).toEqual(['a1', 'a2']);
  });

  it('sends the same cookie with all requests at once, half of them to each proxy', async () => {
    await using a = await startProxy('a');
    await using b = await startProxy('b');
    const visitor = new Visitor(1, [a.way, b.way]);
    await visitor.askInTurn(1);
    await visitor.askAtOnce(10);

    expect(a.seen.slice(1)).toEqual(Array(5).fill('a1'));
    expect(b.seen).toEqual(Array(5).fill('a1'));
  });

  it('has a twin that knows no later cookie', async () => {
    await using a = await startProxy('a');
    const visitor = new Visitor(1, [a.way]);
    await visitor.askInTurn(1);
    const twin = visitor.twin();
    await visitor.askInTurn(1);
    await twin.askInTurn(1);

    expect(a.seen).toEqual([undefined, 'a1', 'a1']);
  });
});
