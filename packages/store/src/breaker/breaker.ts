import { type CancelTimer, type Clock, HoldfastError, type Random } from '@holdfast/shared';
import { withDeadline } from '../deadline.ts';
import {
  type Circuit,
  type CircuitEvent,
  type CircuitLimits,
  closedCircuit,
  isFlowing,
  nextCircuit,
} from './circuit.ts';

export interface BreakerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that one operation may take, in milliseconds; then it has failed with `STORE_UNAVAILABLE`. */
  readonly commandTimeoutMs: number;
  /** Called whenever operations no longer flow, and when they do again; with what the last failure said. */
  readonly onChange: (why: string) => void;
}

/** What a store, or a part of one, is asked. */
export interface Operation<Answer> {
  readonly what: string;
  readonly work: () => Promise<Answer>;
  /** What would find out whether it is answered again. */
  readonly probe: () => Promise<unknown>;
}

const LIMITS: CircuitLimits = { failuresMax: 5, failingMsMax: 200 };
const PROBE_INTERVAL_MS = 250;

/** Spares those who ask the time to wait for somebody who does not answer, and finds out when he does again. */
export class Breaker {
  readonly #options: BreakerOptions;
  #circuit: Circuit = closedCircuit;
  #probe: () => Promise<unknown> = async () => {};
  #lastFailure = '';
  #isStopped = false;
  #cancelProbe: CancelTimer = () => {};

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get isFlowing(): boolean {
    return isFlowing(this.#circuit);
  }

  /** @throws HoldfastError `STORE_UNAVAILABLE` at the deadline, and at once while the circuit is open */
  async run<Answer>({ what, work, probe }: Operation<Answer>): Promise<Answer> {
    // A closed store answers for itself, so that callers see STORE_CLOSED and not the circuit.
    if (!this.isFlowing && !this.#isStopped) {
      throw new HoldfastError('STORE_UNAVAILABLE', `${what}: the store has been failing and is not asked`);
    }
    const { clock, commandTimeoutMs } = this.#options;
    const startedAtMs = clock.elapsed();
    try {
      const answer = await withDeadline(clock, commandTimeoutMs, what, work());
      this.#report({ kind: 'answered' });
      return answer;
    } catch (error) {
      const { code, message } = HoldfastError.from(error);
      if (code === 'STORE_UNAVAILABLE') {
        this.#probe = probe;
        this.#lastFailure = message;
        this.#report({ kind: 'failed', startedAtMs, atMs: clock.elapsed() });
      } else {
        this.#report({ kind: 'answered' });
      }
      throw error;
    }
  }

  /** Ends its probes. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelProbe();
  }

  #report(event: CircuitEvent): void {
    const before = this.#circuit;
    const after = nextCircuit(before, event, LIMITS);
    this.#circuit = after;
    if (after.kind === 'open' && before.kind !== 'open') this.#scheduleProbe();
    if (isFlowing(before) !== isFlowing(after)) this.#options.onChange(this.#lastFailure);
  }

  #scheduleProbe(): void {
    if (this.#isStopped) return;
    const { clock, random } = this.#options;
    // Without jitter, all nodes of a cluster would knock on a recovering store in the same instant.
    const delayMs = PROBE_INTERVAL_MS * (0.75 + random.unit() / 2);
    this.#cancelProbe = clock.after(delayMs, () => void this.#findOut());
  }

  async #findOut(): Promise<void> {
    this.#report({ kind: 'probe-started' });
    const { clock, commandTimeoutMs } = this.#options;
    try {
      await withDeadline(clock, commandTimeoutMs, 'probe', this.#probe());
      this.#report({ kind: 'probe-answered' });
    } catch (error) {
      const { code } = HoldfastError.from(error);
      this.#report({ kind: code === 'STORE_UNAVAILABLE' ? 'probe-failed' : 'probe-answered' });
    }
  }
}
