import type { AffinityOutcome, AffinityTier, MoveReason } from '@holdfast/shared';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';

/** Totals since the node started. */
export interface RequestTotals {
  readonly requests: number;
  readonly byStatusClass: Readonly<Record<string, number>>;
  readonly byOutcome: Readonly<Record<AffinityOutcome, number>>;
  readonly byTier: Readonly<Record<AffinityTier, number>>;
  readonly repinsByReason: Readonly<Partial<Record<MoveReason, number>>>;
  readonly retries: number;
}

const CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts requests: plain numbers, so that counting costs nothing worth naming. */
export class RequestCounters implements RequestRecorder {
  readonly #classes = [0, 0, 0, 0, 0, 0];
  readonly #outcomes: Record<AffinityOutcome, number> = {
    hit: 0,
    created: 0,
    repinned: 0,
    adopted: 0,
    fallback: 0,
    none: 0,
  };
  readonly #tiers: Record<AffinityTier, number> = { near: 0, store: 0, cookie: 0, hash: 0, none: 0 };
  readonly #repins: Partial<Record<MoveReason, number>> = {};
  #requests = 0;
  #retries = 0;

  requestFinished({ status, resolution, attempts }: RequestRecord): void {
    this.#requests++;
    const statusClass = Math.min(5, Math.floor(status / 100));
    this.#classes[statusClass] = (this.#classes[statusClass] as number) + 1;
    if (attempts > 1) this.#retries += attempts - 1;
    if (resolution === undefined) return;
    this.#outcomes[resolution.outcome]++;
    this.#tiers[resolution.tier]++;
    const { outcome, reason } = resolution;
    if (outcome === 'repinned' && reason !== undefined)
      this.#repins[reason] = (this.#repins[reason] ?? 0) + 1;
  }

  totals(): RequestTotals {
    return {
      requests: this.#requests,
      byStatusClass: Object.fromEntries(CLASSES.map((name, index) => [name, this.#classes[index] as number])),
      byOutcome: { ...this.#outcomes },
      byTier: { ...this.#tiers },
      repinsByReason: { ...this.#repins },
      retries: this.#retries,
    };
  }
}

/** Tells several recorders of each request. */
export const allRecorders = (recorders: readonly RequestRecorder[]): RequestRecorder => ({
  requestFinished(record) {
    for (const recorder of recorders) recorder.requestFinished(record);
  },
});
