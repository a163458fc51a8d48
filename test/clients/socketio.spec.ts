import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { welcome } from '../support/visitor.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';
import { RoundRobin } from './round-robin.ts';
import { Member } from './socketio-member.ts';

const CLIENTS = 200;
const TEXTS = ['one', 'two', 'three', 'four', 'five'];
const STORM_EVENTS = 50;
const DEADLINE_MS = 30_000;

const numbersTo = (count: number): readonly number[] => Array.from({ length: count }, (_, number) => number);

describe(`${CLIENTS} Socket.IO clients of four endpoints behind three nodes, every connection at the next node`, () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('socketio-endpoint.ts');
  const members: Member[] = [];
  let endpoints: readonly ProgramEndpoint[];
  let balancer: RoundRobin;

  beforeEach(async () => {
    endpoints = await startEndpoints(4);
    balancer = await RoundRobin.open(
      await stage().startNodes(3, {
        endpoints: endpoints.map(({ address }) => address),
        storeUrl: stage().sqliteUrl(),
        top: { shutdown: { delay: '0s', deadline: '500ms' } },
      }),
    );
  });

  afterEach(() => {
    for (const member of members.splice(0)) member.leave();
    balancer.close();
  });

  const joinAll = async (optionsOf: (number: number) => ConstructorParameters<typeof Member>[1]) => {
    members.push(...numbersTo(CLIENTS).map((number) => new Member(balancer.origin, optionsOf(number))));
    await until(
      'every client is connected or failed',
      () => members.every(({ isConnected, troubles }) => isConnected || troubles.length > 0),
      DEADLINE_MS,
    );
  };

  /** Everybody at once; the answers must be those of one endpoint for each, as in all conversations before. */
  const converseAll = async (): Promise<void> => {
    const echoes = await Promise.all(members.map((member) => member.converse(TEXTS)));
    expect(echoes).toEqual(members.map(() => TEXTS));
    expect(members.map(({ answeredBy }) => answeredBy.size)).toEqual(members.map(() => 1));
  };

  const expectNoTrouble = (): void => {
    expect(members.flatMap(({ troubles }) => troubles)).toEqual([]);
    expect(refusals()).toEqual([]);
  };

  const refusals = (): readonly unknown[] =>
    endpoints.flatMap(({ told }) => told.flatMap(({ refused }) => refused ?? []));

  it('keep their sessions while they only poll', async () => {
    await joinAll(() => ({ withCredentials: true, transports: ['polling'] }));
    await converseAll();
    expectNoTrouble();
    expect(new Set(members.flatMap(({ answeredBy }) => [...answeredBy])).size).toBe(4);
    expect(balancer.connections).toBeGreaterThan(CLIENTS * TEXTS.length);
  });

  it('keep their sessions through their upgrade to a WebSocket, and have every event before, during and after', async () => {
    await joinAll(() => ({ withCredentials: true }));
    await converseAll();
    await until('every client has its WebSocket', () =>
      members.every(({ transport }) => transport === 'websocket'),
    );
    await converseAll();
    expectNoTrouble();
  });

  it('have every event of a storm in its order, polling or not', async () => {
    await joinAll((number) => ({
      withCredentials: true,
      transports: number % 2 === 0 ? ['polling'] : ['polling', 'websocket'],
    }));
    await Promise.all(endpoints.map((endpoint) => endpoint.ask(`/control/storm?events=${STORM_EVENTS}`)));
    await until(
      'everybody has every event',
      () => members.every(({ storm }) => storm.length >= STORM_EVENTS),
      DEADLINE_MS,
    );
    expect(members.map(({ storm }) => storm)).toEqual(members.map(() => numbersTo(STORM_EVENTS)));
    expectNoTrouble();
  });

  it('come back to their endpoints when a node restarts under them', async () => {
    // A browser has its cookie from the page, and keeps it over all connections; this client begins each anew.
    const visitors = await welcome(CLIENTS, [stage().client(balancer.origin)]);
    await joinAll((number) => ({
      reconnection: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      transports: [number % 2 === 0 ? 'polling' : 'websocket'],
      extraHeaders: { cookie: `_srv_id=${visitors[number]?.cookie}` },
    }));
    await converseAll();
    expectNoTrouble();

    await stage().nodes[1]?.restart('SIGTERM');
    await until('everybody is back', () => members.every(({ isConnected }) => isConnected), DEADLINE_MS);
    await converseAll();
    expect(members.filter(({ troubles }) => troubles.length > 0).length).toBeGreaterThan(CLIENTS / 10);
    expect(members.map(({ answeredBy }) => [...answeredBy])).toEqual(
      visitors.map(({ lastVisit }) => [lastVisit?.servedBy]),
    );
  });

  it('lose their sessions if they keep no cookie, which is what the others are kept from', async () => {
    await joinAll(() => ({ transports: ['polling'] }));
    await until('some session is unknown', () => refusals().includes('Session ID unknown'));
  });
});
