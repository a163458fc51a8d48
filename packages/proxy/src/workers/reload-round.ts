import type { Clock } from '@holdfast/shared';
import { Answers } from './answers.ts';
import type { ReloadVerdict, SupervisorMessage, WorkerMessage } from './messages.ts';
import type { WorkerHandle } from './worker-process.ts';
import type { WorkerNumber } from './workforce.ts';

/** Who takes part in a reload. */
export interface Participant {
  readonly number: WorkerNumber;
  readonly process: Pick<WorkerHandle, 'send'>;
}

const PREPARE_DEADLINE_MS = 15_000;
const COMMIT_DEADLINE_MS = 5_000;

/** One configuration for all workers or for none: all prepare it, and only when all have does any of them use it. */
export class ReloadRound {
  readonly #number: number;
  readonly #participants: readonly Participant[];
  readonly #clock: Clock;
  readonly #prepared: Answers<ReloadVerdict>;
  readonly #committed: Answers<true>;

  /** @param number what tells its answers from those to an earlier round that come late */
  constructor(number: number, participants: readonly Participant[], clock: Clock) {
    const numbers = participants.map(({ number }) => number);
    this.#number = number;
    this.#participants = participants;
    this.#clock = clock;
    this.#prepared = new Answers(numbers);
    this.#committed = new Answers(numbers);
  }

  /** Takes in what a worker says: whether it has prepared, and that it serves by what it has prepared. */
  said(worker: WorkerNumber, message: WorkerMessage): void {
    if (message.kind === 'serving') this.#committed.give(worker, true);
    else if (message.kind === 'prepared' && (message.round ?? this.#number) === this.#number)
      this.#prepared.give(worker, message.verdict);
  }

  /** A worker that is gone has no say. The one in its place will start with what the others have. */
  gone(worker: WorkerNumber): void {
    this.#prepared.giveUp(worker);
    this.#committed.giveUp(worker);
  }

  /** What the workers say of this text: the first that refuses it or, as long as none does, any of them. */
  async prepare(text: string): Promise<ReloadVerdict> {
    this.#tell({ kind: 'prepare', text, round: this.#number });
    const verdicts = [...(await this.#prepared.all(this.#clock, PREPARE_DEADLINE_MS)).values()];
    const refused = verdicts.find(({ kind }) => kind === 'refused');
    if (refused !== undefined) return refused;
    const [agreed] = verdicts;
    if (agreed !== undefined && this.#prepared.isComplete) return agreed;
    const problem = agreed === undefined ? 'no worker is there to reload' : 'a worker does not answer';
    return { kind: 'refused', cause: 'system', problems: [problem] };
  }

  /** Has all go by it. The answer settles when they do. */
  async commit(): Promise<void> {
    this.#tell({ kind: 'commit' });
    await this.#committed.all(this.#clock, COMMIT_DEADLINE_MS);
  }

  /** Has all forget it. */
  discard(): void {
    this.#tell({ kind: 'discard' });
  }

  #tell(message: SupervisorMessage): void {
    for (const { process } of this.#participants) process.send(message);
  }
}
