import { HoldfastError } from '@holdfast/shared';
import type { Store } from '@holdfast/store';
import type { Dice } from './dice.ts';
import type { NodeClock, SimClock } from './sim-clock.ts';
import { newsOver } from './sim-news.ts';
import type { SimRedis } from './sim-redis.ts';

/** The last resort of an adapter: what never comes back fails after this time. */
const COMMAND_TIMEOUT_MS = 2_000;

/** What can be wrong with the way from a node to Redis. */
export class LinkState {
  /** `silent`: what is sent is gone. `refused`: it is known at once that nobody is there. */
  cut: 'silent' | 'refused' | undefined = undefined;
  /** What each way takes on top. */
  extraMs = 0;
  /** How much later news comes than it could, at most. */
  newsExtraMs = 0;
  /** How much of the news comes twice. */
  newsTwiceRate = 0;
}

/** The way of one node to the simulated Redis. */
export class StoreLink {
  /** What the node opens: the ports of the session map, at the end of the link. */
  readonly store: Store;
  readonly state: LinkState;
  readonly #redis: SimRedis;
  readonly #clock: SimClock;
  readonly #nodeClock: NodeClock;
  readonly #dice: Dice;
  readonly #news: ReturnType<typeof newsOver>;
  #isEnded = false;

  constructor(redis: SimRedis, clock: SimClock, nodeClock: NodeClock, state: LinkState, dice: Dice) {
    this.#redis = redis;
    this.#clock = clock;
    this.#nodeClock = nodeClock;
    this.state = state;
    this.#dice = dice;
    this.#news = newsOver(this, redis, nodeClock);
    this.store = this.#open();
  }

  /** Has the server do something; what it says comes back, unless it is lost. The server goes on without the node. */
  ask<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = (what: string): void =>
        reject(new HoldfastError('STORE_UNAVAILABLE', `simulated link: ${what}`));
      if (this.state.cut === 'refused') return fail('refused');
      const cancel = this.#nodeClock.after(COMMAND_TIMEOUT_MS, () => fail('no answer'));
      const comeBack = (settle: () => void): void => {
        this.#after(() => {
          cancel();
          settle();
        });
      };
      this.#after(() =>
        this.#redis.take(() => {
          work().then(
            (answer) => comeBack(() => resolve(answer)),
            (error) => comeBack(() => reject(error)),
          );
        }),
      );
    });
  }

  /** Does something at the other end, unless it is lost on the way. @param extraMs at most, on top of what the way takes */
  #after(arrive: () => void, extraMs = 0): void {
    if (this.#isLost) return;
    const wayMs = this.#dice.between(0.2, 2) + this.state.extraMs + this.#dice.between(0, extraMs);
    this.#clock.after(wayMs, () => {
      if (!this.#isLost) arrive();
    });
  }

  /** A message from the server, on the connection for news. */
  pass(deliver: () => void): void {
    const { newsExtraMs, newsTwiceRate } = this.state;
    this.#after(deliver, newsExtraMs);
    if (this.#dice.isLucky(newsTwiceRate)) this.#after(deliver, newsExtraMs + 1);
  }

  get #isLost(): boolean {
    return this.#isEnded || this.state.cut !== undefined;
  }

  /** Whether a connection can be made. */
  get isReachable(): boolean {
    return !this.#isLost && !this.#redis.isDown && !this.#redis.isFrozen;
  }

  /** The connection for news breaks, and is made again. */
  breakNews(): void {
    this.#news.break();
  }

  /** The connection for news brings nothing any more, and nobody is told. */
  silenceNews(): void {
    this.#news.silence();
  }

  /** The node ends without a word: it neither says nor hears anything any more. */
  end(): void {
    this.#isEnded = true;
    this.#news.end();
  }

  #open(): Store {
    const { sessions } = this.#redis;
    const { inventory, drains, membership } = this.#redis.store;
    return {
      sessions: {
        find: (...asked) => this.ask(() => sessions.find(...asked)),
        pin: (...asked) => this.ask(() => sessions.pin(...asked)),
        repin: (...asked) => this.ask(() => sessions.repin(...asked)),
        touch: (...asked) => this.ask(() => sessions.touch(...asked)),
        unpin: (...asked) => this.ask(() => sessions.unpin(...asked)),
      },
      inventory: {
        countByEndpoint: (...asked) => this.ask(() => inventory.countByEndpoint(...asked)),
        list: (...asked) => this.ask(() => inventory.list(...asked)),
      },
      drains: {
        list: () => this.ask(() => drains.list()),
        change: (...asked) => this.ask(() => drains.change(...asked)),
      },
      membership: {
        beat: (...asked) => this.ask(() => membership.beat(...asked)),
        list: (...asked) => this.ask(() => membership.list(...asked)),
      },
      invalidations: this.#news.invalidations,
      close: async () => this.end(),
    };
  }
}
