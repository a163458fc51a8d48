import { nodeId, poolName, systemClock } from '@holdfast/shared';
import type { MemberRecord, Membership } from '@holdfast/store';
import { BenchError } from '../bench-error.ts';
import { type Effort, inParallel, measureEffort } from './effort.ts';

const RECORD_LIFE_MS = 600_000;
const POOLS = 5;

/** The nodes of a large cluster, which tell each other of themselves. */
export class MembersUnderTest {
  readonly #membership: Membership;
  readonly #redisPid: number;
  readonly #startedAtMs = systemClock.now();
  #size = 0;
  #beats = 0;

  constructor(membership: Membership, redisPid: number) {
    this.#membership = membership;
    this.#redisPid = redisPid;
  }

  /** Has so many nodes beat once. */
  async gather(size: number): Promise<void> {
    this.#size = size;
    for (let node = 0; node < size; node++) await this.#beat();
  }

  /** What nodes do twice a second, one after the other: each beats, and looks at what all have said. */
  rounds(goesOn: () => boolean): Promise<Effort> {
    return measureEffort(this.#redisPid, () =>
      inParallel(1, goesOn, async () => {
        await this.#beat();
        const members = await this.#membership.list(systemClock.now());
        if (members.length !== this.#size)
          throw new BenchError(`${members.length} members, not ${this.#size}`);
      }),
    );
  }

  async #beat(): Promise<void> {
    const nowMs = systemClock.now();
    await this.#membership.beat(this.#nextRecord(), nowMs + RECORD_LIFE_MS, nowMs);
  }

  #nextRecord(): MemberRecord {
    const beat = this.#beats++;
    return {
      node: nodeId(`node-${beat % this.#size}`),
      startedAtMs: this.#startedAtMs,
      beat,
      release: '0.1.0',
      phase: 'serving',
      fingerprint: 'Y2FwYWNpdHktYmVuY2g',
      opinions: Array.from({ length: POOLS }, (_, pool) => ({ pool: poolName(`shop-${pool}`), down: [] })),
    };
  }
}
