import type { Clock } from '@holdfast/shared';

/** What waits for a watcher who is slow to take it: about half a minute of news. */
const WAITING_MAX = 120;

/** Somebody who looks on, and what that page has not been sent yet. */
export class Watcher {
  readonly topics: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #endsAtMs: number;
  readonly #over = Promise.withResolvers<undefined>();
  #waiting: string[] = [];
  #wake: ((text: string) => void) | undefined;
  #offeredAtMs: number;
  #isOver = false;

  /** @param lastsMs how long it may watch before it has to come back and be let in again */
  constructor(topics: ReadonlySet<string>, lastsMs: number, clock: Clock) {
    this.topics = topics;
    this.#clock = clock;
    this.#offeredAtMs = clock.elapsed();
    this.#endsAtMs = this.#offeredAtMs + lastsMs;
  }

  /** Takes text that is to be sent. One who does not keep up is given up: it comes back, and is told everything at once. */
  offer(text: string): void {
    if (this.#isOver) return;
    this.#offeredAtMs = this.#clock.elapsed();
    if (this.#waiting.push(text) > WAITING_MAX) return this.end();
    if (this.#wake === undefined) return;
    this.#wake(this.#taken());
    this.#wake = undefined;
  }

  /** What is to be sent next, as soon as there is something; undefined when it is over. */
  next(): Promise<string | undefined> {
    if (this.#isOver) return this.#over.promise;
    if (this.#waiting.length > 0) return Promise.resolve(this.#taken());
    const more = new Promise<string>((resolve) => {
      this.#wake = resolve;
    });
    return Promise.race([more, this.#over.promise]);
  }

  end(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#over.resolve(undefined);
  }

  /** Settles when it is over. */
  get over(): Promise<undefined> {
    return this.#over.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get isDue(): boolean {
    return this.#clock.elapsed() >= this.#endsAtMs;
  }

  /** For how long nothing has been sent to it. */
  get silentMs(): number {
    return this.#clock.elapsed() - this.#offeredAtMs;
  }

  #taken(): string {
    const text = this.#waiting.join('');
    this.#waiting = [];
    return text;
  }
}
