import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SupervisorMessage } from './messages.ts';
import { Questions } from './questions.ts';

const DEADLINE_MS = 5_000;

let clock: ManualClock;
let questions: Questions;
let heard: SupervisorMessage[];
beforeEach(() => {
  clock = new ManualClock();
  questions = new Questions(clock);
  heard = [];
});

/** Asks these workers how they are, and answers with the id of the question and what comes of it. */
function ask(...numbers: readonly number[]) {
  const send = (message: SupervisorMessage) => void heard.push(message);
  const workers = numbers.map((number) => ({ number, process: { pid: number, send, kill: () => {} } }));
  const given = questions.ask(workers, DEADLINE_MS, (id) => ({ kind: 'report', id }));
  const last = heard.at(-1);
  return { id: last?.kind === 'report' ? last.id : -1, answers: given.then((map) => [...map]) };
}

const report = (worker: number, id: number, said: unknown): void =>
  questions.answered(worker, { kind: 'report', id, report: said });

describe('a question to workers', () => {
  it('is put to each of them, and is over when all have answered', async () => {
    const { id, answers } = ask(1, 2);
    expect(heard).toEqual([
      { kind: 'report', id },
      { kind: 'report', id },
    ]);
    report(2, id, 'well');
    report(1, id, 'very well');
    expect(await answers).toEqual([
      [2, 'well'],
      [1, 'very well'],
    ]);
  });

  it('is answered by those who were asked, and by its own id', async () => {
    const [first, second] = [ask(1), ask(1)];
    report(2, first.id, 'of another');
    report(1, second.id, 'second');
    report(1, first.id, 'first');
    expect([await first.answers, await second.answers]).toEqual([[[1, 'first']], [[1, 'second']]]);
  });

  it('has no answer from a worker that is gone', async () => {
    const { answers } = ask(1);
    questions.gone(1);
    expect(await answers).toEqual([]);
  });

  it('is over at once where nobody is asked', async () => {
    expect(await ask().answers).toEqual([]);
  });

  it('waits for an answer until the deadline, and no longer', async () => {
    let isOver = false;
    const answers = ask(1, 2).answers.finally(() => {
      isOver = true;
    });
    await clock.advance(DEADLINE_MS - 1);
    await settle();
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await answers).toEqual([]);
  });
});
