import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { useEndpoints } from './program-endpoint.ts';
import { RoundRobin } from './round-robin.ts';

const CLIENTS = 50;
const EVENTS = 10;

/** Long polls go one connection each, so that each goes to another node than the one before. */
const POLLING_FIRST = { transports: ['polling', 'websocket'], forceNew: true, reconnection: false };

/** A Socket.IO client, and what became of it. */
interface Member {
  readonly socket: Socket;
  readonly troubles: string[];
  /** Endpoints that have answered. */
  readonly answeredBy: Set<string>;
}

function join(origin: string, options: Parameters<typeof io>[1]): Member {
  const member: Member = {
    socket: io(origin, { ...POLLING_FIRST, ...options }),
    troubles: [],
    answeredBy: new Set(),
  };
  member.socket.on('connect_error', ({ message }) => member.troubles.push(message));
  member.socket.on('disconnect', (reason) => member.troubles.push(reason));
  return member;
}

async function echo({ socket, answeredBy }: Member, text: string): Promise<string> {
  const answer = new Promise<[string, string]>((resolve) => {
    socket.emit('echo', text, (echoed: string, endpoint: string) => resolve([echoed, endpoint]));
  });
  const [echoed, endpoint] = await answer;
  answeredBy.add(endpoint);
  return echoed;
}

/** Events one after the other, each awaited. */
async function converse(member: Member, topic: string): Promise<void> {
  for (let event = 0; event < EVENTS; event++)
    expect(await echo(member, `${topic} ${event}`)).toBe(`${topic} ${event}`);
}

const transportOf = ({ socket }: Member): string => socket.io.engine.transport.name;

describe('Socket.IO on four endpoints behind three nodes, every connection at the next node', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('socketio-endpoint.ts');
  const members: Member[] = [];
  let balancer: RoundRobin;

  beforeEach(async () => {
    const endpoints = (await startEndpoints(4)).map(({ address }) => address);
    balancer = await RoundRobin.open(
      await stage().startNodes(3, { endpoints, storeUrl: stage().sqliteUrl() }),
    );
  });

  afterEach(() => {
    for (const { socket } of members.splice(0)) socket.removeAllListeners().disconnect();
    balancer.close();
  });

  const joinAll = async (options: Parameters<typeof io>[1]): Promise<readonly Member[]> => {
    for (let count = 0; count < CLIENTS; count++) members.push(join(balancer.origin, options));
    await until('every client is connected or failed', () =>
      members.every(({ socket, troubles }) => socket.connected || troubles.length > 0),
    );
    return members;
  };

  it('keeps every session of clients that only poll', async () => {
    await joinAll({ withCredentials: true, transports: ['polling'] });
    await Promise.all(members.map((member) => converse(member, 'polled')));
    expect(members.flatMap(({ troubles }) => troubles)).toEqual([]);
    expect(members.map(({ answeredBy }) => answeredBy.size)).toEqual(members.map(() => 1));
    expect(new Set(members.flatMap(({ answeredBy }) => [...answeredBy])).size).toBe(4);
    expect(balancer.connections).toBeGreaterThan(CLIENTS * EVENTS);
  });

  it('keeps every session through its upgrade to a WebSocket, and answers every event before, during and after', async () => {
    await joinAll({ withCredentials: true });
    await Promise.all(members.map((member) => converse(member, 'early')));
    await until('every client has its WebSocket', () =>
      members.every((member) => transportOf(member) === 'websocket'),
    );
    await Promise.all(members.map((member) => converse(member, 'late')));
    expect(members.flatMap(({ troubles }) => troubles)).toEqual([]);
    expect(members.map(({ answeredBy }) => answeredBy.size)).toEqual(members.map(() => 1));
  });

  it('is lost to clients that keep no cookie, which is what the others are kept from', async () => {
    await joinAll({ transports: ['polling'] });
    await until('some session is unknown', () => members.some(({ troubles }) => troubles.length > 0));
  });
});
