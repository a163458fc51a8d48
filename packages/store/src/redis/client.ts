import type { Random } from '@holdfast/shared';
import { Redis } from 'ioredis';
import { isWrongInstance } from './redis-error.ts';

export interface ClientOptions {
  /** `redis://` or `rediss://`, with user, password and database where needed. */
  readonly url: string;
  /** The longest that one command may take, in milliseconds. */
  readonly commandTimeoutMs: number;
  /** Spreads the reconnects of many nodes. */
  readonly random: Random;
}

const CONNECT_TIMEOUT_MS = 500;
const SOCKET_TIMEOUT_MS = 1_000;
const DISCONNECT_TIMEOUT_MS = 200;
const KEEP_ALIVE_MS = 5_000;
const RECONNECT_DELAY_MS_MIN = 50;
const RECONNECT_DELAY_MS_MAX = 1_000;

/** One connection to Redis, which comes back by itself for as long as it is not closed. */
export class RedisClient {
  readonly connection: Redis;
  #lastLinkError: Error | undefined;

  constructor({ url, commandTimeoutMs, random }: ClientOptions) {
    this.connection = new Redis(url, {
      // With RESP3, which is the default, ioredis drops invalidation pushes without a word.
      protocol: 2,
      connectTimeout: CONNECT_TIMEOUT_MS,
      commandTimeout: commandTimeoutMs,
      socketTimeout: SOCKET_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      keepAlive: KEEP_ALIVE_MS,
      // A request never waits for a connection: without one, it is answered at once.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // A command whose connection broke may have run; the caller decides, by its own knowledge of the operation.
      autoResendUnfulfilledCommands: false,
      autoResubscribe: false,
      retryStrategy: (attempt) => reconnectDelay(attempt, random),
      reconnectOnError: isWrongInstance,
    });
    // Without a listener, a lost connection would end the process.
    this.connection.on('error', (error: Error) => {
      this.#lastLinkError = error;
    });
    this.connection.on('ready', () => {
      this.#lastLinkError = undefined;
    });
  }

  /** Why there is no connection; undefined while there is one. */
  get lastLinkError(): Error | undefined {
    return this.connection.status === 'ready' ? undefined : this.#lastLinkError;
  }

  /** Settles once the connection is ready, or once the first attempt at it has failed. Never rejects. */
  firstAttempt(): Promise<void> {
    if (this.connection.status === 'ready') return Promise.resolve();
    return new Promise((resolve) => {
      this.connection.once('ready', resolve);
      this.connection.once('close', resolve);
      this.connection.once('error', () => resolve());
    });
  }

  /** Ends the connection for good; commands under way fail. */
  close(): void {
    this.connection.disconnect();
  }
}

function reconnectDelay(attempt: number, random: Random): number {
  const delayMs = Math.min(RECONNECT_DELAY_MS_MIN * 2 ** (attempt - 1), RECONNECT_DELAY_MS_MAX);
  return delayMs * (0.5 + random.unit() / 2);
}
