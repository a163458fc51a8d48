import { systemClock } from '@holdfast/shared';
import { EventSource } from 'undici';

/** A client of numbered events (`numbered-events.ts`), which remembers whether one was missing, doubled or out of turn. */
export class EventStream {
  readonly everyMs: number;
  readonly #source: EventSource;
  readonly #outOfTurn: string[] = [];
  #connections = 0;
  #received = 0;
  #announced: number | undefined;
  #longestWayMs = 0;

  constructor(origin: string, everyMs: number) {
    this.everyMs = everyMs;
    this.#source = new EventSource(`${origin}/numbered-events?everyMs=${everyMs}`);
    // A stream that breaks off comes back by itself, and would start anew.
    this.#source.addEventListener('open', () => void this.#connections++);
    this.#source.addEventListener('message', ({ lastEventId, data }) =>
      this.#receive(lastEventId, Number(data)),
    );
    this.#source.addEventListener('end', (event) => {
      this.#announced = Number((event as MessageEvent).data);
    });
  }

  /** Times that the stream was connected: 1 if it never broke off. */
  get connections(): number {
    return this.#connections;
  }

  get received(): number {
    return this.#received;
  }

  /** How many events the endpoint says it has sent, once it has ended the stream. */
  get announced(): number | undefined {
    return this.#announced;
  }

  /** Events that came where another was due: `7 instead of 6`. */
  get outOfTurn(): readonly string[] {
    return this.#outOfTurn;
  }

  /** The longest that an event was on its way. */
  get longestWayMs(): number {
    return this.#longestWayMs;
  }

  close(): void {
    this.#source.close();
  }

  #receive(id: string, sentAtMs: number): void {
    const due = String(this.#received++);
    if (id !== due) this.#outOfTurn.push(`${id} instead of ${due}`);
    this.#longestWayMs = Math.max(this.#longestWayMs, systemClock.now() - sentAtMs);
  }
}
