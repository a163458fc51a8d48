import { isDeepStrictEqual } from 'node:util';
import type { CancelTimer, Clock, EpochMs, Logger, PoolName } from '@holdfast/shared';
import type { DiscoveryConfig } from '@holdfast/shared/config';
import type { Networks } from '../socket/networks.ts';
import { isEndpointUrl } from './endpoint-address.ts';
import { knownChanges } from './known-changes.ts';
import { type KnownEndpoint, nextRemovalMs, type ReconcileRules, reconcile } from './reconcile.ts';
import type { NamedEndpoint, Registry, RegistryAnswer } from './registry.ts';

/** How long a node that starts waits for the endpoints of a pool. */
const FIRST_ANSWER_WITHIN_MS = 5_000;

const NOBODY_NAMED: RegistryAnswer = { kind: 'failed', reason: 'no endpoint is named' };
const NOBODY_ALLOWED: RegistryAnswer = { kind: 'failed', reason: 'no endpoint is where one may be' };

/** How much later than another one a node may hear of an endpoint, beside the time between its questions. */
const LAG_MS = 30_000;

export interface PoolDiscoveryParts {
  readonly pool: PoolName;
  readonly type: DiscoveryConfig['type'];
  readonly registry: Registry;
  readonly rules: ReconcileRules;
  /** The longest time between two questions to the registry. */
  readonly intervalMaxMs: number;
  /** The only networks that endpoints may be in. Default: any. */
  readonly networks?: Networks | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a node tells of a discovery. */
export interface DiscoveryReport {
  readonly type: DiscoveryConfig['type'];
  /** Answers that named endpoints, and those that did not. */
  readonly answers: number;
  readonly failures: number;
  /** Endpoints of the last answer that are where none may be. */
  readonly refused: number;
  /** Since when what is known is older than the registry's last word; undefined while it is not. */
  readonly failingSinceMs: EpochMs | undefined;
  readonly lastFailure: string | undefined;
}

/** Follows what a registry says of a pool, and knows its endpoints at any moment. */
export class PoolDiscovery {
  readonly #parts: PoolDiscoveryParts;
  readonly #found = Promise.withResolvers<void>();
  #opening: Promise<void> | undefined;
  #onChange = (): void => {};
  #known: readonly KnownEndpoint[] = [];
  #latest: Extract<RegistryAnswer, { kind: 'named' }> | undefined;
  #cancelRemoval: CancelTimer = () => {};
  #answers = 0;
  #failures = 0;
  #refused: readonly string[] = [];
  #failingSinceMs: EpochMs | undefined;
  #lastFailure: string | undefined;

  constructor(parts: PoolDiscoveryParts) {
    this.#parts = parts;
  }

  /**
   * All endpoints that the pool has: those that are named, and those that are missing and leave. Undefined while the
   * registry has never named any.
   */
  get endpoints(): readonly NamedEndpoint[] | undefined {
    if (this.#latest === undefined) return undefined;
    return this.#known.map(({ endpoint, missingSinceMs }) =>
      missingSinceMs === undefined ? endpoint : { ...endpoint, isLeaving: true },
    );
  }

  /** All endpoints that any node has heard of until then have been heard of here as well. */
  get completeUntilMs(): EpochMs {
    const { clock, intervalMaxMs } = this.#parts;
    if (this.#latest === undefined) return Number.NEGATIVE_INFINITY;
    return (this.#failingSinceMs ?? clock.now()) - intervalMaxMs - LAG_MS;
  }

  /**
   * Begins to ask; asked again, it is the same beginning. Settles when the registry has named endpoints, at the latest after
   * five seconds.
   *
   * @throws HoldfastError `INTERNAL` if what it takes to ask is not there
   */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Has changes of {@link endpoints} told to that one, and to nobody else. */
  follow(onChange: () => void): void {
    this.#onChange = onChange;
  }

  /** Ends. What is known stays. */
  stop(): void {
    this.#parts.registry.stop();
    this.#cancelRemoval();
    this.#onChange = () => {};
    this.#found.resolve();
  }

  report(): DiscoveryReport {
    return {
      type: this.#parts.type,
      answers: this.#answers,
      failures: this.#failures,
      refused: this.#refused.length,
      failingSinceMs: this.#failingSinceMs,
      lastFailure: this.#lastFailure,
    };
  }

  async #open(): Promise<void> {
    const { registry, clock } = this.#parts;
    await registry.start((answer) => this.#hear(answer));
    // Before the first socket is open, the process goes on for this timer alone.
    const cancel = clock.after(FIRST_ANSWER_WITHIN_MS, () => this.#found.resolve(), true);
    await this.#found.promise;
    cancel();
  }

  #hear(given: RegistryAnswer): void {
    const answer = this.#checked(given);
    if (answer.kind === 'failed') return this.#fail(answer.reason);
    const { pool, log } = this.#parts;
    if (this.#failingSinceMs !== undefined) log.info({ pool }, 'endpoints are named again');
    this.#failingSinceMs = undefined;
    this.#answers += 1;
    this.#latest = answer;
    this.#reconcile(answer);
    this.#found.resolve();
  }

  /** What of an answer may be gone by. */
  #checked(answer: RegistryAnswer): RegistryAnswer {
    if (answer.kind === 'failed') return answer;
    if (answer.endpoints.length === 0) return NOBODY_NAMED;
    const isAllowed = ({ url }: NamedEndpoint): boolean => isEndpointUrl(url, this.#parts.networks);
    this.#refuse(answer.endpoints.filter((endpoint) => !isAllowed(endpoint)).map(({ url }) => url));
    if (this.#refused.length === 0) return answer;
    const endpoints = answer.endpoints.filter(isAllowed);
    return endpoints.length === 0 ? NOBODY_ALLOWED : { kind: 'named', endpoints };
  }

  #refuse(urls: readonly string[]): void {
    const refused = urls.toSorted();
    if (isDeepStrictEqual(refused, this.#refused)) return;
    this.#refused = refused;
    const { pool, log } = this.#parts;
    if (refused.length > 0)
      log.warn({ pool, refused: refused.join(', ') }, 'endpoints are where none may be, and are not used');
  }

  #fail(reason: string): void {
    const { pool, type, clock, log } = this.#parts;
    this.#failures += 1;
    if (this.#failingSinceMs === undefined || reason !== this.#lastFailure)
      log.warn({ pool, type, reason }, 'endpoints are not named: those that are known stay');
    this.#failingSinceMs ??= clock.now();
    this.#lastFailure = reason;
  }

  #reconcile(answer: RegistryAnswer): void {
    const { clock, rules } = this.#parts;
    const before = this.#known;
    this.#known = reconcile(before, answer, clock.now(), rules);
    this.#planRemoval();
    if (isDeepStrictEqual(this.#known, before)) return;
    this.#tell(before);
    this.#onChange();
  }

  #planRemoval(): void {
    const { clock, rules } = this.#parts;
    this.#cancelRemoval();
    const removalMs = nextRemovalMs(this.#known, rules);
    if (removalMs === undefined) return;
    const delayMs = Math.max(0, removalMs - clock.now());
    this.#cancelRemoval = clock.after(delayMs, () => this.#reconcileAgain());
  }

  /** While the registry fails, who has been missing is not known to be gone. */
  #reconcileAgain(): void {
    if (this.#latest !== undefined && this.#failingSinceMs === undefined) this.#reconcile(this.#latest);
  }

  #tell(before: readonly KnownEndpoint[]): void {
    const { pool, log } = this.#parts;
    const changes = knownChanges(before, this.#known);
    const fields = Object.entries(changes).flatMap(([how, ids]) =>
      ids.length === 0 ? [] : [[how, ids.join(', ')] as const],
    );
    log.info({ pool, ...Object.fromEntries(fields) }, 'endpoints have changed');
  }
}
