import { eventually } from './eventually.ts';
import { redisCommand } from './redis-command.ts';
import { type RedisProcess, startRedis } from './redis-process.ts';

/** A primary and its replica, watched by three Sentinels. */
export interface RedisSentinels {
  /** `redis+sentinel://...`, naming all three. */
  readonly url: string;
  /** The first primary, whatever has become of it. */
  readonly primary: RedisProcess;
  readonly replica: RedisProcess;
  readonly sentinels: readonly RedisProcess[];
  /** The process that the Sentinels take for the primary. */
  current(): Promise<RedisProcess>;
  stop(): Promise<void>;
}

const PRIMARY_NAME = 'holdfast-test';
const SENTINELS = 3;
const DOWN_AFTER_MS = 700;
const READY_DEADLINE_MS = 20_000;

/** By default a primary waits five seconds for further replicas before it sends the first one everything. */
const AT_ONCE = ['--repl-diskless-sync-delay', '0'];

/**
 * Starts five processes and waits until they know each other and the replica has everything. A primary that is gone is
 * replaced after about 2 s.
 */
export async function startSentinels(): Promise<RedisSentinels> {
  const primary = await startRedis({ args: AT_ONCE });
  const replica = await startRedis({
    args: ['--replicaof', '127.0.0.1', String(primary.port), ...AT_ONCE],
  });
  const config = sentinelConfig(primary.port);
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, () => startRedis({ config, args: ['--sentinel'] })),
  );
  const processes = [primary, replica, ...sentinels];
  await eventually(
    'the Sentinels know each other and the replica',
    async () => (await Promise.all(sentinels.map(hasFoundAll))).every(Boolean),
    READY_DEADLINE_MS,
  );
  await eventually('the replica has everything', () => isInSync(replica), READY_DEADLINE_MS);
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  return {
    url: `redis+sentinel://${hosts}/${PRIMARY_NAME}`,
    primary,
    replica,
    sentinels,
    async current() {
      const command = ['get-master-addr-by-name', PRIMARY_NAME];
      const [, port] = (await redisCommand(sentinels[0]!, 'SENTINEL', ...command)) as string[];
      return Number(port) === replica.port ? replica : primary;
    },
    async stop() {
      await Promise.all(processes.map((process) => process.stop()));
    },
  };
}

const sentinelConfig = (primaryPort: number): string => `
sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primaryPort} 2
sentinel down-after-milliseconds ${PRIMARY_NAME} ${DOWN_AFTER_MS}
sentinel failover-timeout ${PRIMARY_NAME} 2000
`;

const isInSync = async (replica: RedisProcess): Promise<boolean> =>
  String(await redisCommand(replica, 'INFO', 'replication')).includes('master_link_status:up');

async function hasFoundAll(sentinel: RedisProcess): Promise<boolean> {
  const info = String(await redisCommand(sentinel, 'INFO', 'sentinel'));
  return info.includes(`status=ok`) && info.includes(`slaves=1,sentinels=${SENTINELS}`);
}
