import { beforeEach, describe, expect, it } from 'vitest';
import { RestedQuestion } from './rested-question.ts';
import { ManualClock, settle } from './testing/index.ts';

let clock: ManualClock;
let asked: PromiseWithResolvers<number>[];
let question: RestedQuestion<number>;

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  question = new RestedQuestion({
    ask: () => {
      asked.push(Promise.withResolvers());
      return asked.at(-1)!.promise;
    },
    keptForMs: (answer) => (answer === undefined ? 100 : 1_000),
    clock,
  });
});

describe('a question that rests', () => {
  it('is asked once for all who want to know meanwhile', async () => {
    const both = [question.take(), question.take()];
    await clock.advance(5_000);
    both.push(question.take());
    expect(asked).toHaveLength(1);
    asked[0]!.resolve(7);
    expect(await Promise.all(both)).toEqual([7, 7, 7]);
    expect(question.latest).toBe(7);
  });

  it('is asked again when its answer is too old', async () => {
    void question.take();
    asked[0]!.resolve(1);
    await settle();
    await clock.advance(999);
    expect(await question.take()).toBe(1);
    await clock.advance(1);
    void question.take();
    expect(asked).toHaveLength(2);
  });

  it('rests nineteen times as long as its answer took', async () => {
    void question.take();
    await clock.advance(200);
    asked[0]!.resolve(1);
    await settle();
    await clock.advance(3_799);
    void question.take();
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    void question.take();
    expect(asked).toHaveLength(2);
  });

  it('is asked anew once its answer has been overtaken, whatever still comes to the question before', async () => {
    void question.take();
    question.forget();
    const anew = question.take();
    asked[0]!.resolve(1);
    asked[1]!.resolve(2);
    expect(await anew).toBe(2);
    expect(question.latest).toBe(2);
    expect(await question.take()).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it('that failed has no answer, and is asked again by the rule for that', async () => {
    const failed = question.take();
    asked[0]!.reject(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    expect(question.latest).toBeUndefined();
    await clock.advance(100);
    void question.take();
    expect(asked).toHaveLength(2);
  });
});
