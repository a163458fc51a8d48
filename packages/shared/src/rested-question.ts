import type { Clock } from './clock.ts';
import { restAfter } from './rest.ts';

export interface RestedQuestionOptions<Answer> {
  /** Asks, which is work for whoever answers. */
  readonly ask: () => Promise<Answer>;
  /** How old an answer may be when the question is asked again, in milliseconds, however quickly it was answered. */
  readonly keptForMs: (answer: Answer | undefined) => number;
  readonly clock: Clock;
}

/**
 * A question that is asked for everybody who wants to know, once at a time, and rests between two times: it takes the one who
 * answers a twentieth of the time at most. Nothing is asked while nobody wants to know.
 */
export class RestedQuestion<Answer> {
  /** The latest answer; undefined before the first one, and after a question that failed. */
  latest: Answer | undefined;
  readonly #options: RestedQuestionOptions<Answer>;
  #asked: Promise<Answer> | undefined;
  #untilMs = Number.POSITIVE_INFINITY;

  constructor(options: RestedQuestionOptions<Answer>) {
    this.#options = options;
  }

  /** The answer that there is, or is under way, while it is good enough; else the one to a question that is asked now. */
  take(): Promise<Answer> {
    const askedAtMs = this.#options.clock.elapsed();
    if (this.#asked !== undefined && askedAtMs < this.#untilMs) return this.#asked;
    const asked = this.#options.ask();
    this.#asked = asked;
    this.#untilMs = Number.POSITIVE_INFINITY;
    const rest = (answer: Answer | undefined): void => {
      if (this.#asked === asked) this.#rest(askedAtMs, answer);
    };
    asked.then(rest, () => rest(undefined));
    return asked;
  }

  /** Has whoever wants to know next ask anew: the answer that there is has been overtaken. */
  forget(): void {
    this.#asked = undefined;
  }

  #rest(askedAtMs: number, answer: Answer | undefined): void {
    const { clock, keptForMs } = this.#options;
    const nowMs = clock.elapsed();
    this.latest = answer;
    this.#untilMs = Math.max(askedAtMs + keptForMs(answer), nowMs + restAfter(nowMs - askedAtMs));
  }
}
