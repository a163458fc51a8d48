import { Agent } from 'node:http';
import { join } from 'node:path';
import { freePorts } from '../machine/free-port.ts';
import { startProxy } from '../proxy.ts';
import { MortalEndpoint } from './mortal-endpoint.ts';
import { NODE_NAMES, type NodeName, type Pair } from './pair.ts';
import { Visitor, type Way } from './visitor.ts';

/** Where a pair runs, and what it finds there. */
export interface PairPlace {
  readonly directory: string;
  readonly cores: string;
  readonly redisPort: number;
}

/** Two proxies and their endpoints, all of them running. Disposing of it ends them. */
export interface RunningPair extends AsyncDisposable {
  readonly endpoints: readonly MortalEndpoint[];
  /** To each of the two proxies. */
  readonly ways: readonly Way[];
  /** A browser without a session, who takes all ways or some of them. */
  newVisitor(ways?: readonly Way[]): Visitor;
}

const ENDPOINT_COUNT = 4;

export async function startPair(pair: Pair, place: PairPlace): Promise<RunningPair> {
  const { directory, cores, redisPort } = place;
  await using stack = new AsyncDisposableStack();
  const [port1, port2, peer1, peer2, ...endpointPorts] = (await freePorts(4 + ENDPOINT_COUNT)) as [
    number,
    number,
    number,
    number,
    ...number[],
  ];
  const endpoints = endpointPorts.map((port, index) =>
    stack.use(new MortalEndpoint({ id: `e${index + 1}`, port }, directory, cores)),
  );
  await Promise.all(endpoints.map((endpoint) => endpoint.start()));

  const ports: Readonly<Record<NodeName, number>> = { n1: port1, n2: port2 };
  const peerPorts = { n1: peer1, n2: peer2 };
  const common = { peerPorts, redisPort, endpoints: endpoints.map(({ endpoint }) => endpoint) };
  const ways = await Promise.all(
    NODE_NAMES.map(async (name): Promise<Way> => {
      const setup = { ...common, name, port: ports[name], directory: join(directory, name) };
      const origin = { port: setup.port, secure: false };
      stack.use(await startProxy(pair.launch(setup), { directory: setup.directory, origin, cores }));
      const agent = stack.adopt(new Agent({ keepAlive: true }), (kept) => kept.destroy());
      return { origin, agent };
    }),
  );
  const started = stack.move();
  let visitors = 0;
  const newVisitor = (some = ways): Visitor => new Visitor(visitors++, some);
  return { endpoints, ways, newVisitor, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
