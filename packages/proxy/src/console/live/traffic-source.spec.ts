import { HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { type Answer, refused, told } from '../../admin/answer.ts';
import type { Question } from '../../admin/question.ts';
import type { TrafficLine } from '../../record/traffic-line.ts';
import type { TrafficPoint } from '../../record/traffic-page.ts';
import type { FeedMessage } from './feed-source.ts';
import { type ChartPoint, TrafficSource } from './traffic-source.ts';

const MINUTE = 1_700_000_040;

const point = (second: number, finished: number, latencies = {}): TrafficPoint => ({
  ...{ second: MINUTE + second, finished, latencies },
  failed: 0,
  moved: 0,
  leftOut: 2,
});
const line = (number: number): TrafficLine => ({
  atMs: number,
  method: 'GET',
  path: `/${number}`,
  status: 200,
  listener: 'web',
  pool: 'shop',
  retries: 0,
  durationMs: 1,
});

/** A node that answers what it is told to, and what it was asked. */
class Node {
  readonly asked: Question[] = [];
  answer: Answer = told({ cursor: 'x', points: [], lines: [] });
  readonly source = new TrafficSource(async (question) => {
    this.asked.push(question);
    return this.answer;
  });

  async tells(cursor: string, points: readonly TrafficPoint[], lines: readonly TrafficLine[] = []) {
    this.answer = told({ cursor, points, lines });
    const news: FeedMessage[] = [];
    await this.source.look((message) => news.push(message));
    return news;
  }
}

interface Chart {
  readonly seconds: readonly ChartPoint[];
  readonly minutes: readonly ChartPoint[];
}
const chartOf = (messages: readonly FeedMessage[]) =>
  messages.find(({ topic }) => topic === 'traffic')?.data as Chart;

describe('the traffic of a node', () => {
  it('is asked for from where the last answer has ended', async () => {
    const node = new Node();
    await node.tells('first', []);
    await node.tells('second', []);
    await node.tells('third', []);
    expect(node.asked).toEqual([
      { kind: 'traffic', after: undefined },
      { kind: 'traffic', after: 'first' },
      { kind: 'traffic', after: 'second' },
    ]);
  });

  it('has news of the seconds that are new and of their minutes, with the percentiles of both', async () => {
    const node = new Node();
    await node.tells('1', [point(0, 1, { 10: 1 })]);
    const { seconds, minutes } = chartOf(await node.tells('2', [point(1, 1, { 90: 1 })]));
    expect(seconds.map(({ second }) => second)).toEqual([MINUTE + 1]);
    expect(minutes).toMatchObject([{ second: MINUTE, finished: 2 }]);
    expect(seconds[0]?.p50Ms).toBe(seconds[0]?.p99Ms);
    expect(minutes[0]?.p99Ms).toBe(seconds[0]?.p99Ms);
    expect(minutes[0]?.p50Ms).toBeLessThan(seconds[0]?.p50Ms ?? 0);
  });

  it('adds what a process tells later of a second that is known, and keeps to seconds in which there was nothing', async () => {
    const node = new Node();
    await node.tells('1', [point(0, 3), point(1, 0)]);
    const { seconds } = chartOf(await node.tells('2', [point(0, 4)]));
    expect(seconds).toEqual([{ second: MINUTE, finished: 7, failed: 0, moved: 0 }]);
    expect(chartOf(node.source.all()).seconds.map(({ finished }) => finished)).toEqual([7, 0]);
  });

  it('is that of ten minutes', async () => {
    const node = new Node();
    for (let second = 0; second < 1_000; second++) await node.tells('1', [point(second, 1)]);
    const { seconds, minutes } = chartOf(node.source.all());
    expect(seconds).toHaveLength(600);
    expect(minutes.length).toBeLessThanOrEqual(11);
  });

  it('has lines, and says how many are left out; a page that is opened later gets the latest 200', async () => {
    const node = new Node();
    const news = await node.tells('1', [point(0, 9), point(1, 9)], [line(1), line(2)]);
    expect(news.find(({ topic }) => topic === 'requests')?.data).toEqual({
      lines: [line(1), line(2)],
      leftOut: 4,
    });
    for (let number = 3; number <= 300; number++) await node.tells('2', [], [line(number)]);
    const all = node.source.all().find(({ topic }) => topic === 'requests')?.data as { lines: TrafficLine[] };
    expect(all.lines).toHaveLength(200);
    expect(all.lines.at(-1)).toEqual(line(300));
  });

  it('stays as it was where there is no answer', async () => {
    const node = new Node();
    await node.tells('1', [point(0, 1)]);
    const before = node.source.all();
    node.answer = refused('STORE_UNAVAILABLE', 'no worker answers');
    await expect(node.source.look(() => {})).rejects.toBeInstanceOf(HoldfastError);
    expect(node.source.all()).toEqual(before);
  });
});
