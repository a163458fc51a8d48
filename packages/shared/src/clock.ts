/** Milliseconds since the epoch, by the wall clock. Nodes may differ by seconds; nothing may depend on less. */
export type EpochMs = number;

/** Ends a timer; calling it again, or after the timer has fired, does nothing. */
export type CancelTimer = () => void;

/** Time, as an argument: the only way that a decision learns of it. */
export interface Clock {
  /** The wall clock, for instants that other nodes and restarts must understand. */
  now(): EpochMs;
  /** A clock that never goes back, in milliseconds with fractions, for durations inside this process. */
  elapsed(): number;
  /**
   * Calls `fire` once, `delayMs` from now.
   * @param keepsAlive whether the process goes on for the timer alone. Default: false.
   */
  after(delayMs: number, fire: () => void, keepsAlive?: boolean): CancelTimer;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after(delayMs, fire, keepsAlive = false) {
    const timer = setTimeout(fire, delayMs);
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Waits on a clock, and keeps the process alive meanwhile: somebody goes on after it. */
export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve, true));
