import type { Clock } from '@holdfast/shared';
import { Answers } from './answers.ts';
import type { Member } from './crew.ts';
import type { SupervisorMessage, WorkerMessage } from './messages.ts';
import type { WorkerNumber } from './workforce.ts';

/** A worker that can be asked. */
export type AskedWorker = Pick<Member, 'number' | 'process'>;

/** What workers have been asked and have not answered yet. */
export class Questions {
  readonly #clock: Clock;
  readonly #open = new Map<number, Answers<unknown>>();
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * What each of these workers answers; there is nothing of one that is gone, or does not answer in time.
   *
   * @param question the message, by the id that its answer will bear
   */
  async ask(
    workers: readonly AskedWorker[],
    deadlineMs: number,
    question: (id: number) => SupervisorMessage,
  ): Promise<ReadonlyMap<WorkerNumber, unknown>> {
    const id = ++this.#asked;
    const answers = new Answers<unknown>(workers.map(({ number }) => number));
    this.#open.set(id, answers);
    for (const { process } of workers) process.send(question(id));
    const given = await answers.all(this.#clock, deadlineMs);
    this.#open.delete(id);
    return given;
  }

  answered(worker: WorkerNumber, message: Extract<WorkerMessage, { kind: 'answer' | 'report' }>): void {
    const answer = message.kind === 'report' ? message.report : message.answer;
    this.#open.get(message.id)?.give(worker, answer);
  }

  gone(worker: WorkerNumber): void {
    for (const answers of this.#open.values()) answers.giveUp(worker);
  }
}
