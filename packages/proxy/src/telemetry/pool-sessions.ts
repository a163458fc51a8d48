import type { AffinityOutcome, AffinitySource, AffinityTier, EpochMs, MoveReason } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { AFFINITY_METRICS } from './catalogue/affinity-metrics.ts';
import { boundsMsOf, Durations } from './durations.ts';
import type { MetricsSnapshot } from './snapshot.ts';
import { type SuspicionRecorder, suspicionOf, type ViolationReason } from './violation.ts';

/** How often requests came to the same end of their look-up. */
interface Lookups {
  readonly outcome: AffinityOutcome;
  readonly source: AffinitySource;
  readonly tier: AffinityTier;
  count: number;
}

const LOOKUP_BOUNDS_MS = boundsMsOf(AFFINITY_METRICS.lookupDuration);

/** What became of the sessions of one pool. */
export class PoolSessions {
  readonly #pool: string;
  readonly #now: () => EpochMs;
  readonly #suspicions: SuspicionRecorder | undefined;
  readonly #sinceMs: EpochMs;
  /** There are a handful: to look through them is quicker than to make a key of three words. */
  readonly #lookups: Lookups[] = [];
  readonly #durations = new Map<AffinityTier, Durations>();
  readonly #repins = new Map<MoveReason, number>();
  readonly #violations = new Map<ViolationReason, number>();
  /** What the look-up before came to, which the next one mostly comes to as well. */
  #last: Lookups | undefined;

  /**
   * @param now the wall clock
   * @param suspicions told of requests that look like violations. Default: nobody is.
   */
  constructor(pool: string, now: () => EpochMs, suspicions?: SuspicionRecorder) {
    this.#pool = pool;
    this.#suspicions = suspicions;
    this.#now = now;
    this.#sinceMs = now();
  }

  get lookups(): readonly Readonly<Lookups>[] {
    return this.#lookups;
  }

  get repinsByReason(): ReadonlyMap<MoveReason, number> {
    return this.#repins;
  }

  /** Takes in where a request has been served, or a connection, and how long it took to find that out. */
  resolved(resolution: Resolution, affinityMs: number): void {
    const { outcome, source, tier, reason } = resolution;
    const last = this.#last;
    const isSame =
      last !== undefined && last.outcome === outcome && last.source === source && last.tier === tier;
    const lookups = isSame ? last : this.#lookupsOf(outcome, source, tier);
    this.#last = lookups;
    lookups.count++;
    if (affinityMs > 0) this.#durationsOf(tier).add(affinityMs);
    if (reason === undefined) return;
    if (outcome === 'repinned') this.repinned(reason);
    const suspicion = suspicionOf(resolution);
    if (suspicion !== undefined) this.#suspicions?.suspected(this.#pool, suspicion);
  }

  repinned(reason: MoveReason): void {
    this.#repins.set(reason, (this.#repins.get(reason) ?? 0) + 1);
  }

  violated(reason: ViolationReason, count = 1): void {
    this.#violations.set(reason, (this.#violations.get(reason) ?? 0) + count);
  }

  collect(): MetricsSnapshot {
    const pool = { 'holdfast.pool': this.#pool };
    const sinceMs = this.#sinceMs;
    return [
      {
        name: AFFINITY_METRICS.lookups.name,
        points: this.#lookups.map(({ outcome, source, tier, count }) => ({
          attributes: {
            ...pool,
            'holdfast.affinity.outcome': outcome,
            'holdfast.affinity.source': source,
            'holdfast.affinity.tier': tier,
          },
          value: count,
          sinceMs,
        })),
      },
      {
        name: AFFINITY_METRICS.lookupDuration.name,
        points: [...this.#durations].map(([tier, durations]) =>
          durations.point({ ...pool, 'holdfast.affinity.tier': tier }),
        ),
      },
      {
        name: AFFINITY_METRICS.repins.name,
        points: [...this.#repins].map(([reason, value]) => ({
          attributes: { ...pool, 'holdfast.affinity.repin.reason': reason },
          value,
          sinceMs,
        })),
      },
      {
        name: AFFINITY_METRICS.violations.name,
        points: [...this.#violations].map(([reason, value]) => ({
          attributes: { ...pool, 'holdfast.affinity.violation.reason': reason },
          value,
          sinceMs,
        })),
      },
    ];
  }

  #lookupsOf(outcome: AffinityOutcome, source: AffinitySource, tier: AffinityTier): Lookups {
    const known = this.#lookups.find(
      (lookups) => lookups.outcome === outcome && lookups.source === source && lookups.tier === tier,
    );
    if (known !== undefined) return known;
    const begun = { outcome, source, tier, count: 0 };
    this.#lookups.push(begun);
    return begun;
  }

  #durationsOf(tier: AffinityTier): Durations {
    const durations = this.#durations.get(tier) ?? new Durations(LOOKUP_BOUNDS_MS, this.#now());
    this.#durations.set(tier, durations);
    return durations;
  }
}
