import { Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointQueues, type QueueSettings, type Turn } from './endpoint-queues.ts';

/** Requests that come to one endpoint, as whoever forwards them counts and queues them. */
class QueueWorld {
  readonly clock = new ManualClock();
  readonly endpoint: Endpoint;
  readonly queues: EndpointQueues;
  /** What became of each wait, in order. */
  readonly turns: string[] = [];
  /** The requests that are at the endpoint. */
  readonly served = new Set<TestRequest>();

  constructor(connectionsMax: number, settings: Partial<QueueSettings> = {}) {
    this.endpoint = testEndpoint('a', 1, { connectionsMax });
    this.queues = new EndpointQueues(
      { lengthMax: 10, timeoutMs: 1_000, ...settings },
      new Ticker(this.clock, 100),
    );
  }

  come(name: string): TestRequest {
    return new TestRequest(this, name);
  }
}

class TestRequest {
  readonly #world: QueueWorld;
  readonly #name: string;
  /** Whether it was turned away at once. */
  readonly isRefused: boolean;
  #isOver = false;

  constructor(world: QueueWorld, name: string) {
    const { endpoint, queues, served } = world;
    this.#world = world;
    this.#name = name;
    const hasPlace = endpoint.inFlight++ < endpoint.connectionsMax;
    if (hasPlace) served.add(this);
    this.isRefused = !hasPlace && !queues.join(endpoint, this);
    if (this.isRefused) this.end();
  }

  onTurn(turn: Turn): void {
    this.#world.turns.push(`${this.#name}: ${turn}`);
    if (turn === 'place') this.#world.served.add(this);
    else this.end();
  }

  /** It was answered, or the client has gone. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { endpoint, queues, served } = this.#world;
    served.delete(this);
    endpoint.inFlight--;
    queues.leave(endpoint, this);
  }
}

describe('requests that wait for a place at an endpoint', () => {
  it('get one in the order in which they came', () => {
    const world = new QueueWorld(1);
    const [first, second] = ['first', 'second', 'third'].map((name) => world.come(name));
    expect(world.turns).toEqual([]);
    first?.end();
    second?.end();
    expect(world.turns).toEqual(['second: place', 'third: place']);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('leave when they are given up, and hear nothing more', () => {
    const world = new QueueWorld(1);
    const [first, second] = ['first', 'second', 'third'].map((name) => world.come(name));
    second?.end();
    expect([world.endpoint.inFlight, world.endpoint.waiting]).toEqual([2, 1]);
    first?.end();
    expect(world.turns).toEqual(['third: place']);
  });

  it('wait no longer than they may, each from when it came', async () => {
    const world = new QueueWorld(1);
    world.come('first');
    world.come('second');
    await world.clock.advance(500);
    world.come('third');
    await world.clock.advance(499);
    expect(world.turns).toEqual([]);
    await world.clock.advance(201);
    expect(world.turns).toEqual(['second: timeout']);
    await world.clock.advance(500);
    expect(world.turns).toEqual(['second: timeout', 'third: timeout']);
    expect([world.endpoint.inFlight, world.endpoint.waiting, world.clock.pendingTimers]).toEqual([1, 0, 0]);
  });

  it('are at most as many as may wait', () => {
    const world = new QueueWorld(1, { lengthMax: 1 });
    expect(
      [world.come('first'), world.come('second'), world.come('third')].map(({ isRefused }) => isRefused),
    ).toEqual([false, false, true]);
    expect(world.endpoint.inFlight).toBe(2);
  });

  it('are told within a tick when their endpoint is down: there is nothing to wait for', async () => {
    const world = new QueueWorld(1);
    const first = world.come('first');
    world.come('second');
    world.endpoint.check = { kind: 'failing', passes: 0 };
    await world.clock.advance(100);
    expect(world.turns).toEqual(['second: endpoint-down']);
    first.end();
    expect(world.endpoint.inFlight).toBe(0);
  });

  it('go on when the limit is raised', async () => {
    const world = new QueueWorld(1);
    for (const name of ['first', 'second', 'third', 'fourth']) world.come(name);
    world.endpoint.connectionsMax = 3;
    await world.clock.advance(100);
    expect(world.turns).toEqual(['second: place', 'third: place']);
  });

  it('wait no longer when the node shuts down', () => {
    const world = new QueueWorld(1);
    world.come('first');
    world.come('second');
    world.queues.close();
    expect(world.turns).toEqual(['second: shutdown']);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('are never more at the endpoint than may be, and never wait while there is room', async () => {
    const step = fc.oneof(
      fc.constant({ kind: 'come' as const }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat({ max: 30 }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 400 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        async (max, steps) => {
          const world = new QueueWorld(max, { lengthMax: 5 });
          const requests: TestRequest[] = [];
          for (const next of steps) {
            if (next.kind === 'come') requests.push(world.come(String(requests.length)));
            else if (next.kind === 'end') requests[next.which]?.end();
            else await world.clock.advance(next.ms);
            const { inFlight, waiting } = world.endpoint;
            expect(world.served.size).toBe(inFlight - waiting);
            expect(world.served.size).toBeLessThanOrEqual(max);
            expect(waiting).toBeLessThanOrEqual(5);
            if (waiting > 0) expect(world.served.size).toBe(max);
          }
          for (const request of requests) request.end();
          expect([world.endpoint.inFlight, world.endpoint.waiting]).toEqual([0, 0]);
          expect(world.clock.pendingTimers).toBe(0);
        },
      ),
    );
  });
});
