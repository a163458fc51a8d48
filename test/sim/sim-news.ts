import { EventEmitter } from 'node:events';
import type { InvalidationListener, Invalidations } from '@holdfast/store';
import {
  type InvalidationLinkOptions,
  RedisInvalidations,
} from '../../packages/store/src/redis/redis-invalidations.ts';
import type { NodeClock } from './sim-clock.ts';
import type { SimRedis } from './sim-redis.ts';
import type { StoreLink } from './store-link.ts';

const CHANGES = 'changes';
const HEARTBEATS = 'heartbeats';
const RECONNECT_AFTER_MS = 100;

/** The news of one node, and what can become of the connection that brings it. */
export interface SimNews {
  readonly invalidations: Invalidations;
  /** The connection ends, and another one is made as soon as that is possible. */
  break(): void;
  /** The connection is half open: nothing comes through it any more. */
  silence(): void;
  end(): void;
}

/** The real link of the news over a connection of ours, which says what a connection of ioredis would. */
export function newsOver(link: StoreLink, redis: SimRedis, clock: NodeClock): SimNews {
  const subscriber = new SimSubscriber(link, redis, clock);
  const publish = (channel: string, message: string): Promise<void> =>
    link.ask(async () => {
      if (channel === HEARTBEATS) subscriber.hear(channel, message);
    });
  const publisher = { nodes: () => [{ options: {}, publish }] };
  // As much of both connections as is asked of them.
  const options = {
    subscriber: { connection: subscriber, close: () => {} },
    publisher: { connection: publisher },
    changesChannel: CHANGES,
    heartbeatChannel: HEARTBEATS,
    clock,
  } as unknown as InvalidationLinkOptions;
  return {
    invalidations: new RedisInvalidations(options),
    break: () => subscriber.disconnect(),
    silence: () => subscriber.silence(),
    end: () => subscriber.end(),
  };
}

/** A connection that is subscribed to channels, as far as the link of the news sees it. */
class SimSubscriber extends EventEmitter implements InvalidationListener {
  readonly #link: StoreLink;
  readonly #redis: SimRedis;
  readonly #clock: NodeClock;
  /** Which connection is there; what was for an earlier one is lost. */
  #connection = 0;
  #isSilent = false;
  #unsubscribe = (): void => {};

  constructor(link: StoreLink, redis: SimRedis, clock: NodeClock) {
    super();
    this.#link = link;
    this.#redis = redis;
    this.#clock = clock;
    this.#connectSoon();
  }

  subscribe(): Promise<void> {
    return this.#link.ask(async () => {
      this.#unsubscribe();
      this.#unsubscribe = this.#redis.subscribe(this);
    });
  }

  sessionChanged(key: string, version: number): void {
    this.hear(CHANGES, `${key} ${version}`);
  }

  changesMissed(): void {}

  hear(channel: string, message: string): void {
    const connection = this.#connection;
    this.#link.pass(() => {
      if (connection === this.#connection && !this.#isSilent) this.emit('message', channel, message);
    });
  }

  silence(): void {
    this.#isSilent = true;
  }

  disconnect(): void {
    this.end();
    this.emit('close');
    this.#connectSoon();
  }

  end(): void {
    this.#connection += 1;
    this.#unsubscribe();
  }

  #connectSoon(): void {
    const connection = this.#connection;
    this.#clock.after(RECONNECT_AFTER_MS, () => {
      if (connection !== this.#connection) return;
      if (!this.#link.isReachable) return this.#connectSoon();
      this.#isSilent = false;
      this.emit('ready');
    });
  }
}
