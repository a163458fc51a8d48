import type { AffinityOutcome, MoveReason } from '@holdfast/shared';
import type { ConnectionEnd, ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';

/** Totals of connections of TCP and flows of UDP that are over, since the node started. */
export interface ConnectionTotals {
  readonly tcp: number;
  readonly udp: number;
  readonly byEnd: Readonly<Record<ConnectionEnd, number>>;
  readonly byOutcome: Readonly<Record<AffinityOutcome, number>>;
  readonly repinsByReason: Readonly<Partial<Record<MoveReason, number>>>;
  readonly retries: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Counts connections and flows. */
export class ConnectionCounters implements ConnectionRecorder {
  readonly #protocols = { tcp: 0, udp: 0 };
  readonly #ends: Record<ConnectionEnd, number> = {
    closed: 0,
    'client-reset': 0,
    'endpoint-reset': 0,
    idle: 0,
    evicted: 0,
    refused: 0,
    shutdown: 0,
  };
  readonly #outcomes: Record<AffinityOutcome, number> = {
    hit: 0,
    created: 0,
    repinned: 0,
    adopted: 0,
    fallback: 0,
    none: 0,
  };
  readonly #repins: Partial<Record<MoveReason, number>> = {};
  #retries = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  connectionFinished({ protocol, end, resolution, attempts, bytesIn, bytesOut }: ConnectionRecord): void {
    this.#protocols[protocol]++;
    this.#ends[end]++;
    this.#retries += Math.max(0, attempts - 1);
    this.#bytesIn += bytesIn;
    this.#bytesOut += bytesOut;
    if (resolution === undefined) return;
    const { outcome, reason } = resolution;
    this.#outcomes[outcome]++;
    if (outcome === 'repinned' && reason !== undefined)
      this.#repins[reason] = (this.#repins[reason] ?? 0) + 1;
  }

  totals(): ConnectionTotals {
    return {
      ...this.#protocols,
      byEnd: { ...this.#ends },
      byOutcome: { ...this.#outcomes },
      repinsByReason: { ...this.#repins },
      retries: this.#retries,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
    };
  }
}

/** Tells several recorders of each connection. */
export const allConnectionRecorders = (recorders: readonly ConnectionRecorder[]): ConnectionRecorder => ({
  connectionFinished(record) {
    for (const recorder of recorders) recorder.connectionFinished(record);
  },
});
