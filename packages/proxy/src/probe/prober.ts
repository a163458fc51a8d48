import type { CancelTimer, Clock, Random } from '@holdfast/shared';
import type { HealthCheckConfig } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';

/** How an endpoint is asked; never rejects. */
export type Probe = (origin: string, check: HealthCheckConfig) => Promise<ProbeResult>;

/** Probes every endpoint of a pool at its interval, and tells the pool. The only place where health checks wait. */
export class Prober {
  readonly #pool: Pool;
  readonly #probe: Probe;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #timers = new Map<Endpoint, CancelTimer>();
  #isStopped = false;

  constructor(pool: Pool, probe: Probe, clock: Clock, random: Random) {
    this.#pool = pool;
    this.#probe = probe;
    this.#clock = clock;
    this.#random = random;
  }

  /** Starts, each endpoint at its own moment of the first interval, so that nodes and endpoints do not march in step. */
  start(): void {
    const check = this.#pool.healthCheck;
    if (check === undefined) return;
    for (const endpoint of this.#pool.endpoints)
      this.#plan(endpoint, check, check.interval * this.#random.unit());
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  #plan(endpoint: Endpoint, check: HealthCheckConfig, delayMs: number): void {
    if (this.#isStopped) return;
    this.#timers.set(
      endpoint,
      this.#clock.after(delayMs, () => void this.#run(endpoint, check)),
    );
  }

  async #run(endpoint: Endpoint, check: HealthCheckConfig): Promise<void> {
    const startedAtMs = this.#clock.elapsed();
    const result = await this.#probe(endpoint.origin, check);
    if (this.#isStopped) return;
    this.#pool.probed(endpoint, result);
    const tookMs = this.#clock.elapsed() - startedAtMs;
    this.#plan(endpoint, check, Math.max(0, check.interval - tookMs));
  }
}
