import type { AffinityOutcome, AffinityTier, MoveReason } from '@holdfast/shared';
import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';

/** Totals since the node started. */
export interface RequestTotals {
  readonly requests: number;
  readonly byStatusClass: Readonly<Record<StatusClass, number>>;
  readonly byOutcome: Readonly<Record<AffinityOutcome, number>>;
  readonly byTier: Readonly<Record<AffinityTier, number>>;
  readonly repinsByReason: Readonly<Partial<Record<MoveReason, number>>>;
  readonly retries: number;
}

/** Whoever has counted requests. */
export interface RequestCount {
  /** The totals as they are now; they do not change afterwards. */
  totals(): RequestTotals;
}

const CLASSES = ['0xx', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** The class of a status; `0xx` for none, and `5xx` for whatever is beyond. */
export type StatusClass = (typeof CLASSES)[number];

export const statusClassOf = (status: number): StatusClass =>
  CLASSES[Math.min(5, Math.floor(status / 100))] as StatusClass;

/** Totals of nothing yet, to be added to. */
export const noTotals = () => ({
  requests: 0,
  byStatusClass: { '0xx': 0, '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 },
  byOutcome: { hit: 0, created: 0, repinned: 0, adopted: 0, fallback: 0, none: 0 },
  byTier: { near: 0, store: 0, cookie: 0, hash: 0, none: 0 },
  repinsByReason: {} as Partial<Record<MoveReason, number>>,
  retries: 0,
});

/** Counts requests: plain numbers, so that counting costs nothing worth naming. */
export class RequestCounters implements RequestRecorder, RequestCount {
  readonly #totals = noTotals();

  requestFinished({ status, resolution, attempts }: RequestRecord): void {
    const totals = this.#totals;
    totals.requests++;
    totals.byStatusClass[statusClassOf(status)]++;
    if (attempts > 1) totals.retries += attempts - 1;
    if (resolution === undefined) return;
    totals.byOutcome[resolution.outcome]++;
    totals.byTier[resolution.tier]++;
    const { outcome, reason } = resolution;
    if (outcome === 'repinned' && reason !== undefined)
      totals.repinsByReason[reason] = (totals.repinsByReason[reason] ?? 0) + 1;
  }

  totals(): RequestTotals {
    return structuredClone(this.#totals);
  }
}

/** Tells several recorders of each request. */
export function allRecorders(recorders: readonly RequestRecorder[]): RequestRecorder {
  const [only, second] = recorders;
  if (only !== undefined && second === undefined) return only;
  return {
    requestFinished(record) {
      for (const recorder of recorders) recorder.requestFinished(record);
    },
  };
}
