import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock, Random } from '@holdfast/shared';
import { type NodeSettings, nodeConfig } from './config.ts';
import { choosePorts } from './ports.ts';
import { DemoProcess } from './processes.ts';
import type { SessionArrival } from './shop/shop-app.ts';
import { type Actor, type NodeActor, Stage } from './stage.ts';
import type { Timeline } from './timeline.ts';

const SHOP_ENDPOINT = fileURLToPath(new URL('./shop/shop-endpoint.ts', import.meta.url));
const HOLDFAST = fileURLToPath(new URL('../../../../bin/holdfast', import.meta.url));

const ENDPOINTS = ['a', 'b', 'c'] as const;
const NODES = ['node-1', 'node-2'] as const;

const SECRET_BYTES = 32;

/** Where systems do not draw ports of their own, so that a process that starts again finds its port free. */
const QUIET_PORTS = { first: 10_000, count: 20_000 };

export interface CastingOptions {
  /** For the configuration files and the session map. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  /** Tells this demo from any other that may run on the machine. */
  readonly instance: string;
  /** Where the nodes should listen; taken ports, and those left out, are replaced by free ones. */
  readonly nodePorts: readonly number[];
  /** Where their consoles should be, in the same way. */
  readonly consolePorts: readonly number[];
}

/** A stage on which nothing runs yet, and the port on which its nodes look for the supervisor. */
export interface Casting {
  readonly stage: Stage;
  readonly supervisorPort: number;
}

/** Chooses ports, writes the nodes' configuration, and names the processes that are to be started. */
export async function castStage(options: CastingOptions): Promise<Casting> {
  const { directory, random, timeline } = options;
  const ports = await choosePorts(wishedPorts(options));
  const shared = {
    storeFile: join(directory, 'sessions.db'),
    secret: random.bytes(SECRET_BYTES).toString('hex'),
    supervisorPort: ports.supervisor,
    endpoints: ENDPOINTS.map((id) => ({ id, port: ports[id] })),
  };
  const endpoints = ENDPOINTS.map((id) => castEndpoint(id, ports[id], options));
  const nodes = NODES.map(async (node) => {
    const file = join(directory, `${node}.yaml`);
    const own = { node, port: ports[node], adminPort: ports[`${node} admin`] };
    await writeFile(file, nodeConfig({ ...shared, ...own }));
    return castNode(own, file, options);
  });
  return {
    stage: new Stage(await Promise.all(nodes), endpoints, timeline),
    supervisorPort: ports.supervisor,
  };
}

function wishedPorts({ nodePorts, consolePorts, random }: CastingOptions) {
  const anyPort = (): number => QUIET_PORTS.first + Math.floor(random.unit() * QUIET_PORTS.count);
  return {
    'node-1': nodePorts[0] ?? anyPort(),
    'node-2': nodePorts[1] ?? anyPort(),
    'node-1 admin': consolePorts[0] ?? anyPort(),
    'node-2 admin': consolePorts[1] ?? anyPort(),
    supervisor: anyPort(),
    a: anyPort(),
    b: anyPort(),
    c: anyPort(),
  };
}

function castEndpoint(id: string, port: number, { clock, timeline, instance }: CastingOptions): Actor {
  const url = `http://127.0.0.1:${port}`;
  const name = `Endpoint ${id}`;
  const plan = {
    name,
    command: process.execPath,
    args: [SHOP_ENDPOINT, '--id', id, '--port', String(port), '--instance', instance],
    readyUrl: `${url}/healthz`,
    readyAnswer: instance,
    onMessage: (arrival: unknown) =>
      timeline.record({ kind: 'session-arrived', ...(arrival as SessionArrival) }),
    onLoss: (how: string) => timeline.record({ kind: 'process-lost', name, how }),
  };
  return { id, url, process: new DemoProcess(plan, clock) };
}

function castNode(
  { node: id, port, adminPort }: Pick<NodeSettings, 'node' | 'port' | 'adminPort'>,
  configFile: string,
  { clock, timeline, instance }: CastingOptions,
): NodeActor {
  const url = `http://127.0.0.1:${port}`;
  const plan = {
    name: id,
    command: HOLDFAST,
    args: ['run', '-c', configFile],
    readyUrl: `${url}/_demo/instance`,
    readyAnswer: instance,
    onLoss: (how: string) => timeline.record({ kind: 'process-lost', name: id, how }),
  };
  const consoleUrl = `http://127.0.0.1:${adminPort}/console/`;
  return { id, url, consoleUrl, process: new DemoProcess(plan, clock) };
}
