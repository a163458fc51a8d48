import { Redis } from 'ioredis';
import type { RedisProcess } from './redis-process.ts';

const TIMEOUT_MS = 5_000;

/** Sends one command to a Redis of a test, on a connection of its own. Rejects with what Redis says against it. */
export async function redisCommand(
  { port }: Pick<RedisProcess, 'port'>,
  name: string,
  ...args: readonly (string | number)[]
): Promise<unknown> {
  const connection = new Redis({
    port,
    host: '127.0.0.1',
    protocol: 2,
    enableReadyCheck: false,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    retryStrategy: null,
  });
  // What went wrong with the connection, the command says as well.
  connection.on('error', () => {});
  try {
    return await connection.call(name, ...args);
  } finally {
    connection.disconnect();
  }
}
