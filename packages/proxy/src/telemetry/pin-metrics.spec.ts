import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { PinMetrics } from './pin-metrics.ts';
import { isHistogramPoint, type MetricsSnapshot } from './snapshot.ts';

const OTHERS: MetricsSnapshot = [
  {
    name: 'holdfast.endpoint.up',
    points: ['shop/a', 'shop/b', 'static/a'].map((id) => ({
      attributes: { 'holdfast.pool': id.split('/')[0] as string, 'holdfast.endpoint': id },
      value: 1,
    })),
  },
];

let clock: ManualClock;
let questions: PromiseWithResolvers<Readonly<Record<string, number>> | undefined>[];
let pins: PinMetrics;

beforeEach(() => {
  clock = new ManualClock();
  questions = [];
  pins = new PinMetrics({
    count: () => {
      const question = Promise.withResolvers<Readonly<Record<string, number>> | undefined>();
      questions.push(question);
      return question.promise;
    },
    pools: () => ['shop'],
    clock,
  });
});

const told = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    pins
      .collect(OTHERS)
      .flatMap(({ points }) => points)
      .map((point) => [
        point.attributes['holdfast.endpoint'],
        isHistogramPoint(point) ? Number.NaN : point.value,
      ]),
  );

/** Answers the latest question. */
async function answer(counts: Readonly<Record<string, number>> | undefined): Promise<void> {
  questions.at(-1)!.resolve(counts);
  await settle();
}

describe('pins by endpoint', () => {
  it('are asked for behind whoever wants to know, who waits for nothing', async () => {
    expect(told()).toEqual({});
    expect(questions).toHaveLength(1);
    await answer({ 'shop/a': 3 });
    expect(told()).toEqual({ 'shop/a': 3, 'shop/b': 0 });
  });

  it('are told of endpoints that have left as well, and of no pool that pins nothing', async () => {
    told();
    await answer({ 'shop/gone': 2, 'static/a': 1 });
    expect(told()).toEqual({ 'shop/a': 0, 'shop/b': 0, 'shop/gone': 2 });
  });

  it('are asked for one question at a time, and not again within two seconds', async () => {
    for (let count = 0; count < 5; count++) told();
    expect(questions).toHaveLength(1);
    await answer({});
    await clock.advance(1_999);
    told();
    expect(questions).toHaveLength(1);
    await clock.advance(1);
    told();
    expect(questions).toHaveLength(2);
  });

  it('take a twentieth of the time at most, however long a count takes', async () => {
    told();
    await clock.advance(1_000);
    await answer({});
    await clock.advance(18_999);
    told();
    expect(questions).toHaveLength(1);
    await clock.advance(1);
    told();
    expect(questions).toHaveLength(2);
  });

  it('are not told while the map cannot be asked', async () => {
    told();
    await answer({ 'shop/a': 3 });
    await clock.advance(2_000);
    told();
    await answer(undefined);
    expect(told()).toEqual({});
    await clock.advance(1_000);
    told();
    expect(questions).toHaveLength(3);
  });
});
