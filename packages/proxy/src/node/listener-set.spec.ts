import { connect } from 'node:net';
import { HoldfastError, silentLogger, Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { freePort } from '@holdfast/store/testing';
import { afterEach, expect, it } from 'vitest';
import type { Forwarder } from '../forward/forwarder.ts';
import type { Middleware } from '../route/middleware.ts';
import { ownSockets } from '../socket/socket-source.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { ListenerSet } from './listener-set.ts';

const RESOURCES = {
  forwarders: new Map([['shop', { forward: () => {} } as unknown as Forwarder]]),
  passages: new Map(),
  terminations: new Map(),
};

let set: ListenerSet | undefined;
afterEach(() => set?.close(0));

function listenerSet(middleware: Middleware): ListenerSet {
  const clock = new ManualClock();
  return new ListenerSet({
    recorder: { requestFinished: () => {} },
    connections: { connectionFinished: () => {} },
    newRequestId: () => 'id',
    ticker: new Ticker(clock, 100),
    clock,
    log: silentLogger,
    sockets: ownSockets,
    middleware,
  });
}

const listenersOf = (...named: readonly (readonly [name: string, port: number])[]) =>
  nodeConfig({
    listeners: named.map(([name, port]) => ({ name, listen: `127.0.0.1:${port}`, pool: 'shop' })),
  }).listeners;

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

it('listeners that are new are closed again where another one cannot take on its settings', async () => {
  let isBroken = false;
  set = listenerSet(() => {
    if (isBroken) throw new HoldfastError('INTERNAL', 'middleware: a defect');
  });
  const [before, later] = [await freePort(), await freePort()];
  const first = await set.prepare(listenersOf(['web', before]), RESOURCES);
  first.commit({ delay: 0, deadline: 0 });

  // The new one is opened with middleware that works; that of the running one fails afterwards.
  const opening = set.prepare(listenersOf(['new', later], ['web', before]), RESOURCES);
  isBroken = true;
  await expect(opening).rejects.toThrow('middleware: a defect');
  expect([await accepts(before), await accepts(later)]).toEqual([true, false]);
});
