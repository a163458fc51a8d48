import { describe, expect, it } from 'vitest';
import { positionIn } from './traffic-cursor.ts';
import { jointPage, type TrafficPage, type TrafficPoint, trafficPage } from './traffic-page.ts';

const point = (
  second: number,
  finished: number,
  latencies: TrafficPoint['latencies'] = {},
): TrafficPoint => ({
  ...{ second, finished, latencies },
  failed: 1,
  moved: 2,
  leftOut: 3,
});
const line = (atMs: number) => ({
  atMs,
  method: 'GET',
  path: '/',
  status: 200,
  listener: 'web',
  pool: 'shop',
  retries: 0,
  durationMs: 1,
});

const first: TrafficPage = {
  cursor: 'a.5.9',
  points: [point(10, 4, { 7: 4 }), point(11, 1)],
  lines: [line(10_100), line(10_300)],
};
const second: TrafficPage = {
  cursor: 'b.6.1',
  points: [point(9, 2), point(10, 3, { 7: 2, 8: 1 })],
  lines: [line(10_200)],
};

describe('the pages of several processes', () => {
  it('are one: a second is the sum of what each has had in it, and lines stand in their order', () => {
    const joint = jointPage([first, second], 'c.1.1');
    expect(joint.points.map(({ second, finished }) => [second, finished])).toEqual([
      [9, 2],
      [10, 7],
      [11, 1],
    ]);
    expect(joint.points[1]).toMatchObject({ failed: 2, moved: 4, leftOut: 6, latencies: { 7: 6, 8: 1 } });
    expect(joint.lines.map(({ atMs }) => atMs)).toEqual([10_100, 10_200, 10_300]);
    expect(positionIn(joint.cursor, 'b')).toEqual({ points: 6, lines: 1 });
    expect(positionIn(joint.cursor, 'c')).toEqual({ points: 1, lines: 1 });
  });

  it('are read from another process as they were told, and nothing else is', () => {
    expect(trafficPage.parse(JSON.parse(JSON.stringify(first)))).toEqual(first);
    expect(trafficPage.safeParse({ ...first, points: [{ second: 1 }] }).success).toBe(false);
  });
});
