import type { CancelTimer, Clock, Random } from '@holdfast/shared';
import type { HealthCheckConfig } from '@holdfast/shared/config';
import type { ProbeReport, ProbeResult } from '../health/health-check.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { EndpointsChange } from '../pool/endpoint-change.ts';
import type { Pool, PoolWatcher } from '../pool/pool.ts';
import { connectProbe } from './connect-probe.ts';

/** How an endpoint is asked; never rejects. */
export type Probe = (origin: string, check: HealthCheckConfig) => Promise<ProbeReport>;

/**
 * Probes every endpoint of a pool at its interval, and tells the pool. It follows the pool's endpoints. The only place
 * where health checks wait.
 */
export class Prober implements PoolWatcher {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #random: Random;
  /** The round that each endpoint is in, known by what cancels it. */
  readonly #rounds = new Map<Endpoint, CancelTimer>();
  #probe: Probe;
  #isRunning = false;

  constructor(pool: Pool, probe: Probe, clock: Clock, random: Random) {
    this.#pool = pool;
    this.#probe = probe;
    this.#clock = clock;
    this.#random = random;
    pool.watch(this);
  }

  /** Starts, each endpoint at its own moment of the first interval, so that nodes and endpoints do not march in step. */
  start(): void {
    this.#isRunning = true;
    this.#begin(this.#pool.endpoints);
  }

  /** Stops, until it is started again. What a probe under way comes to is not told. */
  stop(): void {
    this.#isRunning = false;
    for (const endpoint of [...this.#rounds.keys()]) this.#end(endpoint);
  }

  /** Asks by this probe, and as often as the pool's health check now says; starts anew if it runs. */
  replace(probe: Probe): void {
    this.#probe = probe;
    if (!this.#isRunning) return;
    this.stop();
    this.start();
  }

  /**
   * Asks an endpoint out of turn, whether or not this prober runs, and tells the pool. Without a health check, whether it
   * takes a connection is all that it is asked.
   */
  async ask(endpoint: Endpoint): Promise<ProbeResult> {
    const check = this.#pool.healthCheck;
    if (check === undefined) {
      const result = await connectProbe(endpoint.origin);
      if (result === 'failed') this.#pool.reported(endpoint, 'connect-failed');
      return result;
    }
    const report = await this.#probe(endpoint.origin, check);
    this.#tell(endpoint, report);
    return report.result;
  }

  endpointsChanged({ added, removed }: EndpointsChange): void {
    for (const endpoint of removed) this.#end(endpoint);
    if (this.#isRunning) this.#begin(added);
  }

  #begin(endpoints: readonly Endpoint[]): void {
    const check = this.#pool.healthCheck;
    if (check === undefined) return;
    for (const endpoint of endpoints) this.#plan(endpoint, check, check.interval * this.#random.unit());
  }

  #end(endpoint: Endpoint): void {
    this.#rounds.get(endpoint)?.();
    this.#rounds.delete(endpoint);
  }

  #plan(endpoint: Endpoint, check: HealthCheckConfig, delayMs: number): void {
    const round = this.#clock.after(delayMs, () => void this.#run(endpoint, check, round));
    this.#rounds.set(endpoint, round);
  }

  async #run(endpoint: Endpoint, check: HealthCheckConfig, round: CancelTimer): Promise<void> {
    const startedAtMs = this.#clock.elapsed();
    const report = await this.#probe(endpoint.origin, check);
    if (this.#rounds.get(endpoint) !== round) return;
    this.#tell(endpoint, report);
    const tookMs = this.#clock.elapsed() - startedAtMs;
    this.#plan(endpoint, check, Math.max(0, check.interval - tookMs));
  }

  #tell(endpoint: Endpoint, { result, incarnation }: ProbeReport): void {
    if (incarnation !== undefined) this.#pool.identified(endpoint, incarnation);
    this.#pool.probed(endpoint, result);
  }
}
