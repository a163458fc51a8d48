import { HoldfastError } from '@holdfast/shared';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { redisCommand } from './redis-command.ts';
import { type RedisProcess, startRedis } from './redis-process.ts';

/** One process of a Redis Cluster of a test. */
export interface RedisClusterNode extends RedisProcess {
  /** By which the nodes know each other. */
  readonly id: string;
}

/** Three primaries, each with a replica. */
export interface RedisCluster {
  /** `redis+cluster://...`, naming two of the nodes. */
  readonly url: string;
  readonly primaries: readonly RedisClusterNode[];
  /** In the order of their primaries. */
  readonly replicas: readonly RedisClusterNode[];
  /** The primary of a key's slot, as the processes that are up see it. */
  primaryOf(key: string): Promise<RedisClusterNode>;
  stop(): Promise<void>;
}

const PRIMARIES = 3;
const SLOTS = 16_384;
/** After so long a silence, a primary is taken for dead. */
export const CLUSTER_NODE_TIMEOUT_MS = 1_000;
const READY_DEADLINE_MS = 20_000;

/** Starts six processes and waits until they are a cluster. A primary that is gone is replaced after about 2 s. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: 2 * PRIMARIES }, startNode));
  const [primaries, replicas] = [nodes.slice(0, PRIMARIES), nodes.slice(PRIMARIES)];
  await introduce(nodes);
  await Promise.all(primaries.map(giveSlots));
  await Promise.all(
    replicas.map((replica, index) =>
      eventually('a replica knows its primary', () =>
        succeeds(redisCommand(replica, 'CLUSTER', 'REPLICATE', primaries[index]!.id)),
      ),
    ),
  );
  for (const node of nodes) {
    await eventually('a node takes the cluster for complete', () => isReady(node), READY_DEADLINE_MS);
  }
  return {
    url: `redis+cluster://127.0.0.1:${primaries[0]!.port},127.0.0.1:${replicas[1]!.port}`,
    primaries,
    replicas,
    primaryOf: (key) => primaryOf(nodes, key),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(): Promise<RedisClusterNode & { readonly busPort: number }> {
  const busPort = await freePort();
  const args = [
    ...['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf', '--cluster-port', String(busPort)],
    ...['--cluster-node-timeout', String(CLUSTER_NODE_TIMEOUT_MS), '--cluster-replica-validity-factor', '0'],
  ];
  const process = await startRedis({ args });
  return { ...process, busPort, id: String(await redisCommand(process, 'CLUSTER', 'MYID')) };
}

async function introduce(nodes: readonly (RedisClusterNode & { readonly busPort: number })[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    await redisCommand(node, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  }
  const [first, ...others] = nodes;
  for (const { port, busPort } of others) {
    await redisCommand(first!, 'CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  for (const node of nodes) {
    await eventually(
      'the nodes know each other',
      async () => (await infoOf(node)).includes(`cluster_known_nodes:${nodes.length}\r\n`),
      READY_DEADLINE_MS,
    );
  }
}

async function giveSlots(primary: RedisClusterNode, index: number): Promise<void> {
  const [first, end] = [index, index + 1].map((part) => Math.floor((SLOTS * part) / PRIMARIES));
  await redisCommand(primary, 'CLUSTER', 'ADDSLOTSRANGE', first!, end! - 1);
}

const infoOf = async (node: RedisClusterNode): Promise<string> =>
  String(await redisCommand(node, 'CLUSTER', 'INFO'));

async function isReady(node: RedisClusterNode): Promise<boolean> {
  const [cluster, replication] = [
    await infoOf(node),
    String(await redisCommand(node, 'INFO', 'replication')),
  ];
  const isLinked = /role:master\r\nconnected_slaves:1|master_link_status:up/.test(replication);
  return cluster.includes('cluster_state:ok') && isLinked;
}

async function primaryOf(nodes: readonly RedisClusterNode[], key: string): Promise<RedisClusterNode> {
  for (const node of nodes) {
    const answer = await redisCommand(node, 'HLEN', key).then(
      () => 'here',
      (error: Error) => error.message,
    );
    if (answer === 'here') return node;
    const moved = /^MOVED \d+ \S*:(\d+)$/.exec(answer);
    const primary = nodes.find(({ port }) => port === Number(moved?.[1]));
    if (primary !== undefined) return primary;
  }
  throw new HoldfastError('INTERNAL', `find the primary of ${key}: no node knows it`);
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
