import type { Clock } from '@holdfast/shared';
import { type Answer, readAnswer } from '../admin/answer.ts';
import { Answers } from './answers.ts';
import type { Member } from './crew.ts';
import type { WorkerMessage } from './messages.ts';
import type { WorkerNumber } from './workforce.ts';

/** Longer than the session map takes for what it answers at all. */
const DEADLINE_MS = 5_000;

/** Has workers answer what operators ask. */
export class Questions {
  readonly #clock: Clock;
  readonly #open = new Map<number, Answers<unknown>>();
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What this worker says; undefined if it does not answer in time, or is gone. */
  async ask(
    { number, process }: Pick<Member, 'number' | 'process'>,
    question: unknown,
  ): Promise<Answer | undefined> {
    const id = ++this.#asked;
    const answers = new Answers<unknown>([number]);
    this.#open.set(id, answers);
    process.send({ kind: 'ask', id, question });
    const given = await answers.all(this.#clock, DEADLINE_MS);
    this.#open.delete(id);
    return readAnswer(given.get(number));
  }

  answered(worker: WorkerNumber, { id, answer }: Extract<WorkerMessage, { kind: 'answer' }>): void {
    this.#open.get(id)?.give(worker, answer);
  }

  gone(worker: WorkerNumber): void {
    for (const answers of this.#open.values()) answers.giveUp(worker);
  }
}
