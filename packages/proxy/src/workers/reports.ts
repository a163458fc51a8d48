import type { Clock } from '@holdfast/shared';
import { Answers } from './answers.ts';
import type { Member } from './crew.ts';
import type { WorkerMessage } from './messages.ts';
import type { WorkerNumber } from './workforce.ts';

/** A worker and what it says of itself. */
export interface WorkerReport {
  readonly member: Member;
  readonly report: unknown;
}

const DEADLINE_MS = 2_000;

/** Asks workers how they are. */
export class Reports {
  readonly #clock: Clock;
  readonly #open = new Map<number, Answers<unknown>>();
  #asked = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * What each of them says, in their order; one that does not answer in time is left out.
   *
   * @param isWithPins whether they are to count the pins, which the session map has once for all
   */
  async of(members: readonly Member[], isWithPins: boolean): Promise<readonly WorkerReport[]> {
    const id = ++this.#asked;
    const answers = new Answers<unknown>(members.map(({ number }) => number));
    this.#open.set(id, answers);
    for (const { process } of members) process.send({ kind: 'report', id, isWithPins });
    const given = await answers.all(this.#clock, DEADLINE_MS);
    this.#open.delete(id);
    return members
      .filter(({ number }) => given.has(number))
      .map((member) => ({ member, report: given.get(member.number) }));
  }

  answered(worker: WorkerNumber, { id, report }: Extract<WorkerMessage, { kind: 'report' }>): void {
    this.#open.get(id)?.give(worker, report);
  }

  gone(worker: WorkerNumber): void {
    for (const answers of this.#open.values()) answers.giveUp(worker);
  }
}
