import {
  type ConnectionSettings,
  openCommands,
  openSubscriber,
  type RedisConnection,
  type SubscriberConnection,
} from './connections.ts';

/** A connection to Redis that comes back by itself for as long as it is not closed, and knows why it is down. */
export class RedisClient<Connection extends RedisConnection = RedisConnection> {
  readonly connection: Connection;
  #lastLinkError: Error | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    const remember = (error: Error): void => {
      this.#lastLinkError = causeOf(error);
    };
    // Without a listener, a lost connection would end the process.
    connection.on('error', remember);
    connection.on('node error', remember);
    connection.on('ready', () => {
      this.#lastLinkError = undefined;
    });
  }

  /** Opens what commands are sent on. */
  static commands(settings: ConnectionSettings): RedisClient {
    return new RedisClient(openCommands(settings));
  }

  /** Opens what is subscribed on, beside `commands`. */
  static subscriber(settings: ConnectionSettings, commands: RedisClient): RedisClient<SubscriberConnection> {
    return new RedisClient(openSubscriber(settings, commands.connection));
  }

  /** Why there is no connection; undefined while there is one. */
  get lastLinkError(): Error | undefined {
    return this.connection.status === 'ready' ? undefined : this.#lastLinkError;
  }

  /** Settles once the connection is ready, or once the first attempt at it has failed. Never rejects. */
  firstAttempt(): Promise<void> {
    if (this.connection.status === 'ready') return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => resolve();
      this.connection.once('ready', settle);
      this.connection.once('close', settle);
      this.connection.once('error', settle);
    });
  }

  /** Ends the connection for good; commands under way fail. */
  close(): void {
    this.connection.disconnect();
  }
}

/** That no node of a Redis Cluster answers says less than what the last one of them said. */
const causeOf = (error: Error & { readonly lastNodeError?: Error }): Error => error.lastNodeError ?? error;
