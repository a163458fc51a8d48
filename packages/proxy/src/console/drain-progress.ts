import type { EndpointView } from '../admin/api.ts';

interface Seen {
  readonly since: string;
  readonly mostPinned: number;
}

/** Remembers of each drain how many sessions it began with, as far as somebody has looked: what its progress is measured by. */
export class DrainProgress {
  #seen: ReadonlyMap<string, Seen> = new Map();

  /** Takes note of how endpoints are now. A drain that has ended is forgotten. */
  see(endpoints: readonly EndpointView[]): void {
    this.#seen = new Map(
      endpoints.flatMap(({ id, drain, pinned }) => {
        const before = this.#seen.get(id);
        if (drain === undefined) return [];
        const most = before?.since === drain.since ? before.mostPinned : 0;
        return [[id, { since: drain.since, mostPinned: Math.max(most, pinned ?? 0) }]];
      }),
    );
  }

  /** Undefined where the endpoint does not drain. */
  mostPinnedOf(endpoint: string): number | undefined {
    return this.#seen.get(endpoint)?.mostPinned;
  }
}
