import { type Clock, type EndpointId, HoldfastError, nodeId, silentLogger } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import type { MemberPhase, Membership } from '@holdfast/store';
import { openMemoryStore, SessionMap } from '@holdfast/store/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../health/health-check.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { testPool } from '../testing/test-pool.ts';
import { ClusterWatch } from './cluster-watch.ts';

const A = 'shop/a' as EndpointId;
const ALL = ['shop/a', 'shop/b', 'shop/c'] as EndpointId[];

/** The clock of a node whose wall clock is off by so much. */
const skewed = (clock: ManualClock, byMs: number): Clock => ({
  now: () => clock.now() + byMs,
  elapsed: () => clock.elapsed() + byMs * 7,
  after: (delayMs, fire) => clock.after(delayMs, fire),
});

let clock: ManualClock;
let map: SessionMap;
beforeEach(() => {
  clock = new ManualClock();
  map = new SessionMap();
});

/** A node, the endpoints that it cannot reach, and how often it has looked for itself. */
class TestNode {
  readonly pool: Pool;
  readonly watch: ClusterWatch;
  readonly unreachable = new Set<EndpointId>();
  readonly asked: EndpointId[] = [];
  isStoreDown = false;
  isStoreFrozen = false;
  phase: MemberPhase = 'serving';
  fingerprint = 'alike';

  constructor(name: string, skewMs = 0) {
    const own = skewed(clock, skewMs);
    const { membership } = openMemoryStore({ map });
    const asked = <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
      if (this.isStoreFrozen) return new Promise(() => {});
      return this.isStoreDown ? Promise.reject(new HoldfastError('STORE_UNAVAILABLE', 'taken down')) : work();
    };
    const unreliable: Membership = {
      beat: (...args) => asked(() => membership.beat(...args)),
      list: (...args) => asked(() => membership.list(...args)),
    };
    // An ejection lasts for as long as a test does.
    const outlierDetection = { connectFailures: 1, consecutiveFailures: 3, ejectionTime: 10_000_000 };
    this.pool = testPool({ clock: own, outlierDetection });
    this.watch = new ClusterWatch({
      membership: unreliable,
      node: nodeId(name),
      clock: own,
      ask: (pool, endpoint) => this.#ask(pool, endpoint),
      log: silentLogger,
    });
    this.watch.follow(this.pool);
    const facts = { release: '1.0.0', phase: () => this.phase, fingerprint: () => this.fingerprint };
    this.watch.start(facts);
    this.watch.beat(true);
  }

  standingOf(id = A): string | undefined {
    return this.#endpoint(id)?.standing;
  }

  /** A request has met that endpoint, and was refused. */
  meets(id = A): void {
    const endpoint = this.#endpoint(id);
    if (endpoint !== undefined) this.pool.reported(endpoint, 'connect-failed');
  }

  bringBack(id = A): void {
    this.unreachable.delete(id);
    const endpoint = this.#endpoint(id);
    if (endpoint !== undefined) this.pool.reported(endpoint, 'recovered');
  }

  /** How the other nodes are, by its lights. */
  get others(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.watch.members.map(({ record, kind }) => [record.node, kind]));
  }

  #endpoint(id: EndpointId): Endpoint | undefined {
    return this.pool.find(id);
  }

  async #ask(pool: Pool, endpoint: Endpoint): Promise<ProbeResult> {
    this.asked.push(endpoint.id);
    if (!this.unreachable.has(endpoint.id)) return 'passed';
    pool.reported(endpoint, 'connect-failed');
    return 'failed';
  }
}

/** So many nodes that know each other. */
async function startNodes(count: number, skewsMs: readonly number[] = []): Promise<TestNode[]> {
  const nodes = Array.from(
    { length: count },
    (_, index) => new TestNode(`node-${index + 1}`, skewsMs[index]),
  );
  await clock.advance(1_100);
  return nodes;
}

const kill = (nodes: readonly TestNode[], id = A): void => {
  for (const { unreachable } of nodes) unreachable.add(id);
};

describe('nodes of a cluster', () => {
  it('know each other within a second, though their clocks differ by two', async () => {
    const [one, two, three] = (await startNodes(3, [0, 2_000, -2_000])) as [TestNode, TestNode, TestNode];
    expect(one.others).toEqual({ 'node-2': 'alive', 'node-3': 'alive' });
    expect(two.others).toEqual({ 'node-1': 'alive', 'node-3': 'alive' });
    await clock.advance(60_000);
    expect(three.others).toEqual({ 'node-1': 'alive', 'node-2': 'alive' });
  });

  it('notice that one is suspect after two seconds, and gone after ten', async () => {
    const [one, two] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    two.watch.stop();
    await clock.advance(1_500);
    expect(one.others['node-2']).toBe('alive');
    await clock.advance(1_000);
    expect(one.others['node-2']).toBe('suspect');
    await clock.advance(8_000);
    expect(one.others['node-2']).toBe('gone');
  });

  it('know at once that one has left', async () => {
    const [one, two] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    await two.watch.leave();
    await clock.advance(500);
    expect(one.others['node-2']).toBe('left');
    expect(clock.pendingTimers).toBe(2);
  });

  it('take nobody for silent while the store was away', async () => {
    const nodes = await startNodes(3);
    for (const node of nodes) node.isStoreDown = true;
    await clock.advance(8_000);
    for (const node of nodes) node.isStoreDown = false;
    await clock.advance(500);
    expect(nodes[0]?.others).toEqual({ 'node-2': 'alive', 'node-3': 'alive' });
  });

  it('tell each other of their phase and configuration', async () => {
    const [one, two] = (await startNodes(2)) as [TestNode, TestNode];
    expect(one.watch.agreesOnConfig()).toBe(true);
    Object.assign(two, { phase: 'leaving', fingerprint: 'another' });
    await clock.advance(1_000);
    expect(one.watch.members[0]?.record).toMatchObject({ phase: 'leaving', fingerprint: 'another' });
    expect(one.watch.agreesOnConfig()).toBe(false);
  });

  it('have one of them on duty: the first of those that live', async () => {
    const [one, two, three] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    const onDuty = () => [one, two, three].map(({ watch }) => watch.isOnDuty());
    expect(onDuty()).toEqual([true, false, false]);
    await one.watch.leave();
    one.watch.beat(false);
    await clock.advance(500);
    expect(onDuty()).toEqual([false, true, false]);
  });
});

describe('one of three nodes that meets a dead endpoint', () => {
  it('is believed within a second, as the others look for themselves, by everybody', async () => {
    const nodes = await startNodes(3);
    kill(nodes);
    nodes[0]?.meets();
    expect(nodes[0]?.standingOf()).toBe('suspect');
    await clock.advance(700);
    expect(nodes.map((node) => node.standingOf())).toEqual(['down', 'down', 'down']);
  });

  it('is believed in a moment where a second one meets it too', async () => {
    const nodes = await startNodes(3);
    kill(nodes);
    nodes[0]?.meets();
    nodes[1]?.meets();
    await clock.advance(100);
    expect(nodes.slice(0, 2).map((node) => node.standingOf())).toEqual(['down', 'down']);
  });

  it('is not believed where only its own way is cut: the endpoint is suspect to it and nothing to the others', async () => {
    const nodes = await startNodes(3);
    nodes[0]?.meets();
    await clock.advance(10_000);
    expect(nodes.map((node) => node.standingOf())).toEqual(['suspect', 'serving', 'serving']);
    expect(nodes.slice(1).map(({ asked }) => asked)).toEqual([[A], [A]]);
  });

  it('has the others look again when it says so anew', async () => {
    const [one, two] = (await startNodes(3)) as [TestNode, TestNode];
    one.meets();
    await clock.advance(1_000);
    one.bringBack();
    await clock.advance(1_000);
    one.meets();
    await clock.advance(1_000);
    expect(two.asked).toEqual([A, A]);
  });

  it('keeps new sessions away from an endpoint that the two others hold down', async () => {
    const [one, two, three] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    two.meets();
    three.meets();
    await clock.advance(700);
    expect(one.standingOf()).toBe('serving');
    expect(one.pool.candidates.map(({ id }) => id)).toEqual(['shop/b', 'shop/c']);
  });

  it('finds an endpoint serving again as soon as it reaches it, whatever the others say', async () => {
    const nodes = await startNodes(3);
    for (const node of nodes) node.meets();
    await clock.advance(700);
    nodes[0]?.bringBack();
    expect(nodes[0]?.standingOf()).toBe('serving');
    nodes[1]?.bringBack();
    await clock.advance(700);
    expect(nodes.map((node) => node.standingOf())).toEqual(['serving', 'serving', 'suspect']);
  });

  it('is cut off where it alone reaches nothing, and is not when it reaches them again', async () => {
    const [one, two] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    for (const id of ALL) one.meets(id);
    await clock.advance(1_000);
    expect([one, two].map(({ watch }) => watch.isCutOff)).toEqual([true, false]);
    for (const id of ALL) one.bringBack(id);
    expect(one.watch.isCutOff).toBe(false);
  });

  it('is no longer asked to agree with a node that has died', async () => {
    const [one, two] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    one.meets();
    two.watch.stop();
    await clock.advance(1_000);
    expect(one.standingOf()).toBe('suspect');
    await clock.advance(2_000);
    expect(one.standingOf()).toBe('down');
  });
});

describe('one of two nodes', () => {
  it('goes by what it finds out itself, and looks at nothing for the other one', async () => {
    const [one, two] = (await startNodes(2)) as [TestNode, TestNode];
    one.meets();
    expect(one.standingOf()).toBe('down');
    await clock.advance(1_000);
    expect(two.standingOf()).toBe('serving');
    expect(two.asked).toEqual([]);
  });
});

describe('a node without its store', () => {
  it('goes by what was agreed for ten seconds, and then by what it holds itself', async () => {
    const [one] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    one.isStoreDown = true;
    one.meets();
    await clock.advance(9_000);
    expect(one.standingOf()).toBe('suspect');
    await clock.advance(2_000);
    expect(one.standingOf()).toBe('down');
    one.isStoreDown = false;
    await clock.advance(500);
    expect(one.standingOf()).toBe('suspect');
  });

  it('leaves without its last word, within a quarter of a second', async () => {
    const [one] = (await startNodes(1)) as [TestNode];
    one.isStoreFrozen = true;
    await clock.advance(1_000);
    let hasLeft = false;
    void one.watch.leave().then(() => {
      hasLeft = true;
    });
    await clock.advance(249);
    expect(hasLeft).toBe(false);
    await clock.advance(1);
    expect(hasLeft).toBe(true);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a node of several processes', () => {
  it('is spoken for by one of them, and all of them go by what the cluster has come to', async () => {
    const nodes = await startNodes(2);
    const third = [new TestNode('node-3'), new TestNode('node-3')];
    third[1]?.watch.beat(false);
    await clock.advance(1_000);
    expect(nodes[0]?.others).toEqual({ 'node-2': 'alive', 'node-3': 'alive' });
    for (const { others } of third) expect(others).toEqual({ 'node-1': 'alive', 'node-2': 'alive' });
    for (const node of nodes) node.meets();
    await clock.advance(700);
    for (const { pool } of third) expect(pool.candidates.map(({ id }) => id)).not.toContain(A);
    expect(third.map(({ asked }) => asked)).toEqual([[A], []]);
  });

  it('tells the others at once what one of them has learnt from another', async () => {
    const [one] = (await startNodes(3)) as [TestNode, TestNode, TestNode];
    const endpoint = one.pool.find(A) as Endpoint;
    const outlier = { kind: 'ejected', untilMs: clock.now() + 10_000_000 } as const;
    one.pool.learn(endpoint, { check: endpoint.check, outlier, incarnation: undefined });
    await clock.advance(20);
    expect(map.members.get(nodeId('node-1'))?.record.opinions).toEqual([{ pool: 'shop', down: [A] }]);
  });
});
