import { describe, expect, it } from 'vitest';
import { jointCursor, positionIn, trafficCursor } from './traffic-cursor.ts';

const at = (points: number, lines: number) => ({ points, lines });

describe('a cursor of what several processes tell', () => {
  const first = trafficCursor('a-1', at(3, 40));
  const second = trafficCursor('a-12', at(7, 0));

  it('says how far each of them was heard', () => {
    const both = jointCursor([first, second]);
    expect(positionIn(both, 'a-1')).toEqual(at(3, 40));
    expect(positionIn(both, 'a-12')).toEqual(at(7, 0));
    expect(positionIn(both, 'a-123')).toBeUndefined();
    expect(positionIn(undefined, 'a-1')).toBeUndefined();
  });

  it('still says it of one that has not answered this time, so that nothing of it is counted twice', () => {
    const later = jointCursor([trafficCursor('a-1', at(4, 41))], jointCursor([first, second]));
    expect(positionIn(later, 'a-1')).toEqual(at(4, 41));
    expect(positionIn(later, 'a-12')).toEqual(at(7, 0));
  });

  it('does not grow with every process that there has ever been', () => {
    let cursor = '';
    for (let life = 0; life < 1_000; life++)
      cursor = jointCursor([trafficCursor(`life-${life}`, at(1, 1))], cursor);
    expect(cursor.length).toBeLessThan(4_000);
    expect(positionIn(cursor, 'life-999')).toEqual(at(1, 1));
  });

  it.each(['', 'x', 'a-1', 'a-1.', 'a-1.5', '~~'])('is none where %j was given', (text) => {
    expect(positionIn(text, 'a-1')).toBeUndefined();
  });
});
