import { type Clock, HoldfastError, type Logger, type NodeId } from '@holdfast/shared';
import type { MemberRecord, Membership } from '@holdfast/store';
import type { PoolFollower } from '../node/pool-set.ts';
import type { Pool } from '../pool/pool.ts';
import { Agreements } from './agreements.ts';
import { Heart, type NodeFacts } from './heart.ts';
import type { Member } from './member.ts';
import { Members } from './members.ts';
import { LOOK_EVERY_MS, waitingEveryMs } from './pace.ts';
import { Rounds } from './rounds.ts';
import type { AskEndpoint } from './second-looks.ts';

export interface ClusterWatchParts {
  readonly membership: Membership;
  readonly node: NodeId;
  readonly clock: Clock;
  readonly ask: AskEndpoint;
  readonly log: Logger;
}

/** A member in the words of the log. */
const HOW_IT_IS: Readonly<Record<Member['kind'] | 'forgotten', string>> = {
  joining: 'joins',
  alive: 'is alive',
  suspect: 'is suspect',
  gone: 'is gone',
  left: 'has left',
  forgotten: 'is forgotten',
};

/** A node that ends waits no longer than this for its last word to arrive. */
const LAST_WORD_MS = 250;
/** After a change of mind, so long the others are expected to make up theirs. */
const WAITING_MS = 2_000;

/**
 * This node among the others: it tells them of itself, looks at what they say, and has its pools go by what most of them
 * hold of an endpoint. None of it is on the path of a request: a pool is told when something is otherwise.
 */
export class ClusterWatch implements PoolFollower {
  readonly #parts: ClusterWatchParts;
  readonly #members: Members;
  readonly #agreements: Agreements;
  readonly #rounds: Rounds;
  readonly #cutOffListeners: ((isCutOff: boolean) => void)[] = [];
  #heart: Heart | undefined;
  #isBeating = false;
  #changedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ClusterWatchParts) {
    const { node, clock, ask } = parts;
    this.#parts = parts;
    this.#members = new Members(node);
    this.#agreements = new Agreements({
      clock,
      ask,
      voting: () => this.#voting,
      looks: () => this.#isBeating,
      changed: () => this.#changed(),
      cutOffChanged: (isCutOff) => this.#tellCutOff(isCutOff),
    });
    this.#rounds = new Rounds({ clock, take: () => this.#round(), delayMs: () => this.#delayMs });
  }

  /** The other nodes, those among them that are gone. */
  get members(): readonly Member[] {
    return this.#members.all;
  }

  /** How many nodes beat, this one among them. */
  get nodesAlive(): number {
    return this.members.filter(({ kind }) => kind === 'alive').length + 1;
  }

  /** What this node says of itself at this moment; undefined before it has begun. */
  get own(): MemberRecord | undefined {
    return this.#heart?.record();
  }

  /** Whether the others reach most of what they hold up, and this node does not. */
  get isCutOff(): boolean {
    return this.#agreements.isCutOff;
  }

  /** Adds a listener that hears every change of {@link isCutOff}. */
  onCutOffChange(listener: (isCutOff: boolean) => void): void {
    this.#cutOffListeners.push(listener);
  }

  /** Whether this process is the one of the cluster that does what one of them has to do. For a moment it may be two. */
  isOnDuty(): boolean {
    return this.#isBeating && this.#voting.every(({ record }) => this.#parts.node < record.node);
  }

  /** Whether the configuration means the same to every living node. */
  agreesOnConfig(): boolean {
    return this.#voting.every(({ record }) => record.fingerprint === this.own?.fingerprint);
  }

  /** Begins to look, and goes on until it is stopped or the store is closed. */
  start(facts: NodeFacts): void {
    this.#heart = new Heart({ ...this.#parts, facts, pools: () => this.#agreements.pools });
    this.#rounds.start();
  }

  /** Whether it is this process that speaks for its node, from now on. Of several, one does. */
  beat(isBeating: boolean): void {
    this.#isBeating = isBeating;
    this.#rounds.hurry();
  }

  /** Looks no more. */
  stop(): void {
    void this.#rounds.stop();
  }

  /** Ends with a last word, so that nobody waits for this node. Never rejects, and takes a moment at most. */
  async leave(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(LAST_WORD_MS, resolve, true);
    void this.#end().then(resolve, resolve);
    await promise;
    cancel();
  }

  follow(pool: Pool): void {
    this.#agreements.follow(pool);
    this.#rounds.hurry();
  }

  forget(pool: Pool): void {
    this.#agreements.forget(pool);
    this.#rounds.hurry();
  }

  async #end(): Promise<void> {
    await this.#rounds.stop();
    if (this.#isBeating) await this.#heart?.beat('left');
  }

  get #voting(): readonly Member[] {
    return this.#members.voting(this.#parts.clock.elapsed());
  }

  #changed(): void {
    this.#changedAtMs = this.#parts.clock.elapsed();
    this.#rounds.hurry();
  }

  #tellCutOff(isCutOff: boolean): void {
    const { log } = this.#parts;
    if (isCutOff) log.warn({}, 'this node is cut off from most endpoints that the others reach');
    else log.info({}, 'this node is cut off no longer');
    for (const listener of this.#cutOffListeners) listener(isCutOff);
  }

  get #delayMs(): number {
    const isWaiting = this.#parts.clock.elapsed() - this.#changedAtMs < WAITING_MS;
    const nodes = this.members.length + 1;
    return isWaiting && this.#agreements.isInDoubt ? waitingEveryMs(nodes) : LOOK_EVERY_MS;
  }

  async #round(): Promise<void> {
    // What the store does not take or give now, the next round brings.
    await Promise.allSettled([this.#isBeating && this.#heart?.beat(), this.#look()]);
    this.#agreements.update();
  }

  async #look(): Promise<void> {
    const { membership, clock, log } = this.#parts;
    try {
      const changes = this.#members.looked(await membership.list(clock.now()), clock.elapsed());
      for (const { node, from, to } of changes)
        log.info({ member: node, from, to }, `member ${HOW_IT_IS[to ?? 'forgotten']}`);
    } catch (error) {
      if (HoldfastError.from(error).code === 'STORE_CLOSED') this.stop();
    }
  }
}
