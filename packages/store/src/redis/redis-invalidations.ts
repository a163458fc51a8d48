import { type CancelTimer, type Clock, isSessionKey } from '@holdfast/shared';
import { InvalidationListeners } from '../invalidation-listeners.ts';
import type { InvalidationListener, Invalidations } from '../invalidations.ts';
import type { RedisClient } from './client.ts';
import { primariesOf, type SubscriberConnection } from './connections.ts';
import { Heartbeats } from './heartbeats.ts';
import { downLink, HEARTBEAT_INTERVAL_MS, isLinkLive, type LinkEvent, nextLink } from './link.ts';

const CHANGE = /^(\S+) (\d{1,15})$/;

export interface InvalidationLinkOptions {
  /** The connection that is subscribed, and used for nothing else. */
  readonly subscriber: RedisClient<SubscriberConnection>;
  /** What sends heartbeats. */
  readonly publisher: RedisClient;
  readonly changesChannel: string;
  /** A channel that no other node uses. */
  readonly heartbeatChannel: string;
  readonly clock: Clock;
}

/**
 * Hears of re-pins and unpins on a Redis channel. Redis keeps no message for a subscriber that is away, and a broken
 * connection may look like a quiet one; both are found out here and told as `changesMissed`.
 */
export class RedisInvalidations implements Invalidations {
  readonly #options: InvalidationLinkOptions;
  readonly #listeners = new InvalidationListeners();
  readonly #heartbeats = new Heartbeats();
  #link = downLink;
  #cancelHeartbeat: CancelTimer;

  constructor(options: InvalidationLinkOptions) {
    this.#options = options;
    const { connection } = options.subscriber;
    connection.on('ready', () => this.#subscribe());
    connection.on('close', () => this.#apply({ kind: 'lost' }));
    connection.on('message', (channel: string, message: string) => this.#hear(channel, message));
    this.#cancelHeartbeat = this.#scheduleHeartbeat();
  }

  isLive(): boolean {
    return isLinkLive(this.#link, this.#options.clock.elapsed());
  }

  subscribe(listener: InvalidationListener): void {
    this.#listeners.add(listener);
  }

  stop(): void {
    this.#cancelHeartbeat();
    this.#apply({ kind: 'lost' });
    this.#options.subscriber.close();
  }

  #subscribe(): void {
    const { subscriber, changesChannel, heartbeatChannel, clock } = this.#options;
    subscriber.connection.subscribe(changesChannel, heartbeatChannel).then(
      () => this.#apply({ kind: 'subscribed', atMs: clock.elapsed() }),
      () => this.#reconnect(),
    );
  }

  #hear(channel: string, message: string): void {
    const { changesChannel, clock } = this.#options;
    if (channel !== changesChannel) {
      if (this.#heartbeats.isComplete(message)) this.#apply({ kind: 'heard', atMs: clock.elapsed() });
      return;
    }
    const [, key = '', version] = CHANGE.exec(message) ?? [];
    if (isSessionKey(key)) this.#listeners.sessionChanged(key, Number(version));
  }

  #scheduleHeartbeat(): CancelTimer {
    return this.#options.clock.after(HEARTBEAT_INTERVAL_MS, () => {
      this.#cancelHeartbeat = this.#scheduleHeartbeat();
      this.#beat();
    });
  }

  #beat(): void {
    const { publisher, heartbeatChannel, clock } = this.#options;
    const primaries = primariesOf(publisher.connection);
    const heartbeat = this.#heartbeats.next(primaries.length);
    // A heartbeat that cannot be sent is one that will not be heard, and that is noticed anyway.
    for (const primary of primaries) primary.publish(heartbeatChannel, heartbeat).catch(() => {});
    const wasUp = this.#link.kind === 'up';
    this.#apply({ kind: 'checked', atMs: clock.elapsed() });
    if (wasUp && this.#link.kind === 'down') this.#reconnect();
  }

  #reconnect(): void {
    this.#options.subscriber.connection.disconnect(true);
  }

  #apply(event: LinkEvent): void {
    const { link, isGap } = nextLink(this.#link, event);
    if (isGap) this.#listeners.changesMissed();
    this.#link = link;
  }
}
