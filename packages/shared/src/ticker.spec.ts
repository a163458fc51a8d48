import { describe, expect, it } from 'vitest';
import { ManualClock } from './testing/manual-clock.ts';
import { Ticker, type Ticking } from './ticker.ts';

const TICK_MS = 100;

/** Something that notes when each of its deadlines was found to be over. */
class Deadlines implements Ticking {
  readonly expiredAtMs: number[] = [];
  ticks = 0;
  readonly #clock: ManualClock;
  #deadlines: number[] = [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  add(deadline: number): void {
    this.#deadlines.push(deadline);
  }

  tick(now: number): void {
    this.ticks++;
    for (const deadline of this.#deadlines) if (now >= deadline) this.expiredAtMs.push(this.#clock.elapsed());
    this.#deadlines = this.#deadlines.filter((deadline) => now < deadline);
  }
}

const setUp = () => {
  const clock = new ManualClock();
  return { clock, ticker: new Ticker(clock, TICK_MS), deadlines: new Deadlines(clock) };
};

describe('a ticker', () => {
  it.each([1, 99, 100, 101, 250, 1_000])(
    'keeps a deadline of %i ms to within two ticks, and never early, wherever between two ticks it is set',
    async (durationMs) => {
      for (const offsetMs of [0, 1, 50, 99]) {
        const { clock, ticker, deadlines } = setUp();
        ticker.add(deadlines);
        await clock.advance(offsetMs);
        deadlines.add(ticker.deadline(durationMs));
        await clock.advance(durationMs + 3 * TICK_MS);
        const [lateMs] = deadlines.expiredAtMs.map((atMs) => atMs - offsetMs - durationMs);
        expect(lateMs).toBeGreaterThanOrEqual(0);
        expect(lateMs).toBeLessThan(2 * TICK_MS);
      }
    },
  );

  it('keeps no deadline early that is set after the process was held up', async () => {
    let heldUpMs = 0;
    class HeldUpClock extends ManualClock {
      override elapsed(): number {
        return super.elapsed() + heldUpMs;
      }
    }
    const clock = new HeldUpClock();
    const ticker = new Ticker(clock, TICK_MS);
    const deadlines = new Deadlines(clock);
    ticker.add(deadlines);
    await clock.advance(TICK_MS);
    heldUpMs = 5_000;
    deadlines.add(ticker.deadline(1_000));
    await clock.advance(999);
    expect(deadlines.expiredAtMs).toEqual([]);
  });

  it('never reaches a deadline that is no number of ticks', async () => {
    const { clock, ticker, deadlines } = setUp();
    ticker.add(deadlines);
    deadlines.add(Number.POSITIVE_INFINITY);
    await clock.advance(100_000);
    expect(deadlines.expiredAtMs).toEqual([]);
  });

  it('ticks for everybody', async () => {
    const { clock, ticker, deadlines } = setUp();
    const others = new Deadlines(clock);
    ticker.add(deadlines);
    ticker.add(others);
    await clock.advance(5 * TICK_MS);
    expect([deadlines.ticks, others.ticks]).toEqual([5, 5]);
  });

  it('sets one timer, and none while there is nobody to tick for', async () => {
    const { clock, ticker, deadlines } = setUp();
    expect(clock.pendingTimers).toBe(0);
    ticker.add(deadlines);
    ticker.add(deadlines);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(10 * TICK_MS);
    expect(clock.pendingTimers).toBe(1);
    ticker.remove(deadlines);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops when the last one leaves during a tick', async () => {
    const { clock, ticker } = setUp();
    const leaver: Ticking = { tick: () => ticker.remove(leaver) };
    ticker.add(leaver);
    await clock.advance(TICK_MS);
    expect(clock.pendingTimers).toBe(0);
  });

  it('goes on where it stopped: a deadline set before a pause is not over at its end', async () => {
    const { clock, ticker, deadlines } = setUp();
    ticker.add(deadlines);
    await clock.advance(5 * TICK_MS);
    ticker.remove(deadlines);
    await clock.advance(1_000 * TICK_MS);
    ticker.add(deadlines);
    deadlines.add(ticker.deadline(10 * TICK_MS));
    await clock.advance(9 * TICK_MS);
    expect(deadlines.expiredAtMs).toEqual([]);
    await clock.advance(3 * TICK_MS);
    expect(deadlines.expiredAtMs).toHaveLength(1);
  });
});
