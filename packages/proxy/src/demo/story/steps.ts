import { type Clock, HoldfastError } from '@holdfast/shared';
import type { Actor, NodeActor, Stage } from '../stage.ts';
import { until } from '../until.ts';
import { cookiesSet, type Finding, findAt, type Home, PROXY_COOKIE, provided } from './finding.ts';
import { type Visit, Visitor } from './visitor.ts';

/** What a step may look at and act on. */
export interface Scene {
  readonly stage: Pick<Stage, 'nodes' | 'endpoints' | 'kill' | 'revive' | 'restart'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly visitor: Visitor;
  /** Where the steps before have left the session. */
  readonly home: Home;
}

/** One step of the story: what is to be seen, and how to see it. */
export interface Step {
  readonly title: string;
  readonly play: (scene: Scene) => Promise<Finding>;
}

const HEALTHY_DEADLINE_MS = 10_000;
const VISITS_AFTER_CHANGE = 20;
const VISITS_AT_ONCE = 6;

/** The promises of Holdfast that can be watched from outside, in the order in which they build on each other. */
export const STEPS: readonly Step[] = [
  { title: 'The first visit pins the session', play: firstVisit },
  { title: 'Every visit, through either node, reaches the same endpoint', play: manyVisits },
  { title: 'The session outlives a restart of both nodes', play: nodesRestarted },
  { title: 'When its endpoint dies, the session moves once, for both nodes', play: endpointKilled },
  { title: 'When the endpoint comes back, the session stays moved', play: endpointRevived },
];

/** Where a session is before its first visit. */
export const NOWHERE: Home = { endpoint: 'nowhere', pinVersion: 0, items: 0 };

async function firstVisit({ stage, visitor }: Scene): Promise<Finding> {
  const [node] = stage.nodes as readonly [NodeActor];
  const first = await visitor.look(node.url);
  const others = [await visitor.buy(node.url, 'lantern'), await visitor.buy(node.url, 'crackers')];
  const last = await visitor.look(node.url);
  const endpoint = endpointOf(first) ?? 'an endpoint of the shop';
  const finding = findAt(
    { endpoint, pinVersion: 1, items: 2 },
    [last],
    [node.id],
    `${node.id} chose ${endpoint} and set the cookie ${PROXY_COOKIE} once. The pin has version 1; 2 things are in the cart.`,
  );
  return provided(finding, cookiesSet(1, [first]), cookiesSet(0, [...others, last]));
}

async function manyVisits(scene: Scene): Promise<Finding> {
  const visits = await visitInTurn(scene, 100);
  const what = `100 visits, 50 through each node: all 100 at ${scene.home.endpoint}, cart intact, no new cookie.`;
  return provided(findAt(scene.home, visits, nodeIds(scene), what), cookiesSet(0, visits));
}

async function nodesRestarted(scene: Scene): Promise<Finding> {
  const { stage, clock, home } = scene;
  const startMs = clock.elapsed();
  await stage.restart(stage.nodes);
  const restartMs = Math.round(clock.elapsed() - startMs);
  const visits = await visitInTurn(scene, VISITS_AFTER_CHANGE);
  const what = `Both nodes were down at once and back after ${restartMs} ms. ${visits.length} visits: all at ${home.endpoint}, cart intact, no new session.`;
  return provided(findAt(home, visits, nodeIds(scene), what), cookiesSet(0, visits));
}

async function endpointKilled(scene: Scene): Promise<Finding> {
  const { stage, home } = scene;
  await stage.kill(actorOf(scene, home.endpoint));
  const burst = await visitAtOnce(scene, VISITS_AT_ONCE);
  const visits = [...burst, ...(await visitInTurn(scene, VISITS_AFTER_CHANGE))];
  const endpoint = visits.map(endpointOf).find((seen) => seen !== undefined) ?? 'another endpoint';
  // The cart was in the memory of the endpoint that died: what holds is the session, not the application's state.
  const moved = { endpoint, pinVersion: home.pinVersion + 1, items: 0 };
  const what = `${home.endpoint} was killed. ${burst.length} visits at once and ${VISITS_AFTER_CHANGE} in turn, through both nodes: none failed, all ${visits.length} at ${endpoint}; the pin went from version ${home.pinVersion} to ${moved.pinVersion}.`;
  return provided(findAt(moved, visits, nodeIds(scene), what), {
    expected: `an endpoint other than ${home.endpoint}`,
    seen: endpoint,
    holds: endpoint !== home.endpoint,
  });
}

async function endpointRevived(scene: Scene): Promise<Finding> {
  const { stage, clock, home } = scene;
  const dead = stage.endpoints.filter(({ process }) => !process.isRunning);
  const startMs = clock.elapsed();
  await Promise.all(dead.map((endpoint) => stage.revive(endpoint)));
  for (const endpoint of dead) await everyNodeSends(scene, endpoint);
  const readyMs = Math.round(clock.elapsed() - startMs);
  const visits = await visitInTurn(scene, VISITS_AFTER_CHANGE);
  const names = dead.map(({ id }) => `shop/${id}`).join(', ');
  const what = `${names} was back after ${readyMs} ms: both nodes sent new visitors there. ${visits.length} visits of the old session: all at ${home.endpoint}, still version ${home.pinVersion}.`;
  return findAt(home, visits, nodeIds(scene), what);
}

/** Waits until each node has sent a visitor without cookies to `endpoint`: only then do all know that it is back. */
async function everyNodeSends({ stage, clock, signal }: Scene, endpoint: Actor): Promise<void> {
  for (const node of stage.nodes) {
    const arrived = async (): Promise<true | undefined> =>
      endpointOf(await new Visitor().look(node.url)) === `shop/${endpoint.id}` ? true : undefined;
    const what = `${node.id} sends new visitors to shop/${endpoint.id}`;
    await until(what, arrived, { clock, signal, deadlineMs: HEALTHY_DEADLINE_MS });
  }
}

/** Visits one after the other, each through the next node. */
async function visitInTurn({ stage, visitor }: Scene, count: number): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  for (const url of nodesInTurn(stage.nodes, count)) visits.push(await visitor.look(url));
  return visits;
}

/** Visits all at the same time, spread over the nodes: the moment in which nodes could disagree. */
const visitAtOnce = ({ stage, visitor }: Scene, count: number): Promise<readonly Visit[]> =>
  Promise.all(nodesInTurn(stage.nodes, count).map((url) => visitor.look(url)));

const nodesInTurn = (nodes: readonly Actor[], count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => nodes[index % nodes.length]?.url ?? '');

const nodeIds = ({ stage }: Scene): readonly string[] => stage.nodes.map(({ id }) => id);

const endpointOf = (visit: Visit): string | undefined =>
  visit.kind === 'answered' ? visit.trace.endpoint : undefined;

function actorOf({ stage }: Scene, endpoint: string): Actor {
  const actor = stage.endpoints.find(({ id }) => endpoint === `shop/${id}`);
  if (actor === undefined) {
    throw new HoldfastError('INTERNAL', `no endpoint of the demo is called ${endpoint}`);
  }
  return actor;
}
