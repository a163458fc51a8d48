import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SupervisorMessage } from './messages.ts';
import { Questions } from './questions.ts';

const QUESTION = { kind: 'occupancy' };
const TOLD = { kind: 'told', value: { drains: [] } } as const;

let clock: ManualClock;
let questions: Questions;
let heard: SupervisorMessage[];
beforeEach(() => {
  clock = new ManualClock();
  questions = new Questions(clock);
  heard = [];
});

const memberOf = (number: number) => ({
  number,
  process: { pid: number, send: (message: SupervisorMessage) => void heard.push(message), kill: () => {} },
});

/** The number of the question that was asked last. */
function lastId(): number {
  const last = heard.at(-1);
  return last?.kind === 'ask' ? last.id : -1;
}

describe('a question to a worker', () => {
  it('is passed on as it is, and so is the answer', async () => {
    const asking = questions.ask(memberOf(1), QUESTION);
    expect(heard).toMatchObject([{ kind: 'ask', question: QUESTION }]);
    questions.answered(1, { kind: 'answer', id: lastId(), answer: TOLD });
    expect(await asking).toEqual(TOLD);
  });

  it('is answered by the worker that was asked, and by its own number', async () => {
    const first = questions.ask(memberOf(1), QUESTION);
    const firstId = lastId();
    const second = questions.ask(memberOf(1), QUESTION);
    questions.answered(2, { kind: 'answer', id: firstId, answer: { kind: 'told', value: 'of another' } });
    questions.answered(1, { kind: 'answer', id: lastId(), answer: { ...TOLD, value: 'second' } });
    questions.answered(1, { kind: 'answer', id: firstId, answer: { ...TOLD, value: 'first' } });
    expect([await first, await second]).toMatchObject([{ value: 'first' }, { value: 'second' }]);
  });

  it.each([undefined, 'told', { kind: 'refused' }, { kind: 'other' }])(
    'has no answer in %j',
    async (answer) => {
      const asking = questions.ask(memberOf(1), QUESTION);
      questions.answered(1, { kind: 'answer', id: lastId(), answer });
      expect(await asking).toBeUndefined();
    },
  );

  it('has no answer from a worker that is gone', async () => {
    const asking = questions.ask(memberOf(1), QUESTION);
    questions.gone(1);
    expect(await asking).toBeUndefined();
  });

  it('waits five seconds for an answer, and no longer', async () => {
    let isOver = false;
    const asking = questions.ask(memberOf(1), QUESTION).finally(() => {
      isOver = true;
    });
    await clock.advance(4_999);
    await settle();
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await asking).toBeUndefined();
  });
});
