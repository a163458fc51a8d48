import type { Clock, HoldfastError } from '@holdfast/shared';
import type { UpstreamProgress } from '../upstream/upstream.ts';

/** What is known of a request that has just failed at an endpoint. */
export interface FailedAttempt {
  readonly error: HoldfastError;
  readonly progress: UpstreamProgress;
  readonly method: string;
  /** Whether the request body has been asked of the client: it cannot be sent again. */
  readonly bodyTaken: boolean;
  /** Attempts so far, this one included. */
  readonly attempts: number;
}

const ATTEMPTS_MAX = 2;

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether sending the request twice asks for no more than sending it once (RFC 9110 section 9.2.2). */
export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

/**
 * Whether a request may be tried at another endpoint: any request of which nothing was sent, an idempotent one
 * before the first byte of a response, each once. A timeout is not tried again: the client has waited enough.
 */
export function mayRetry({ error, progress, method, bodyTaken, attempts }: FailedAttempt): boolean {
  if (attempts >= ATTEMPTS_MAX || bodyTaken || progress === 'responding') return false;
  if (progress === 'nothing-sent') return true;
  return error.retryable !== 'never' && isIdempotent(method);
}

const SHARE = 0.2;
const RESERVE = 10;
const BALANCE_MAX = 1_000;

/**
 * Retries are at most a fifth of requests, so that a pool that fails is not buried under its own retries. A
 * reserve of ten, refilled at one a second, keeps a quiet proxy able to retry at all.
 */
export class RetryBudget {
  readonly #clock: Clock;
  #balance = RESERVE;
  #refilledAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#refilledAtMs = clock.elapsed();
  }

  /** A request has come in. */
  deposit(): void {
    if (this.#balance < BALANCE_MAX) this.#balance += SHARE;
  }

  /** Takes one retry from the budget, if there is one left. */
  withdraw(): boolean {
    this.#refill();
    if (this.#balance < 1) return false;
    this.#balance -= 1;
    return true;
  }

  #refill(): void {
    const nowMs = this.#clock.elapsed();
    const earned = (nowMs - this.#refilledAtMs) / 1000;
    this.#refilledAtMs = nowMs;
    if (this.#balance < RESERVE) this.#balance = Math.min(RESERVE, this.#balance + earned);
  }
}
