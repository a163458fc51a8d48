import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { LineBuffer } from './line-buffer.ts';

function setUp() {
  const clock = new ManualClock();
  const written: string[] = [];
  const buffer = new LineBuffer((text) => written.push(text), clock, 40, 250);
  return { clock, written, buffer };
}

describe('a line buffer', () => {
  it('passes lines on together, before they are too many', () => {
    const { buffer, written } = setUp();
    for (let count = 0; count < 9; count++) buffer.add('four\n');
    expect(written).toEqual(['four\n'.repeat(6)]);
    buffer.flush();
    expect(written.join('')).toBe('four\n'.repeat(9));
  });

  it('passes on by itself, in its turn, a line for which there is no room', () => {
    const { buffer, written } = setUp();
    buffer.add('one\n');
    buffer.add(`${'x'.repeat(50)}\n`);
    buffer.add('two\n');
    buffer.flush();
    expect(written).toEqual(['one\n', `${'x'.repeat(50)}\n`, 'two\n']);
  });

  it('changes no character, whatever a client puts into its path', () => {
    const { buffer, written } = setUp();
    const lines = ['\u00fc\n', '\u20ac\n', '\u{1f600}\n', '\u0000\n'];
    for (const line of lines) buffer.add(line);
    buffer.flush();
    expect(written.join('')).toBe(lines.join(''));
  });

  it('lets no line wait longer than the delay', async () => {
    const { buffer, clock, written } = setUp();
    buffer.add('one\n');
    await clock.advance(249);
    expect(written).toEqual([]);
    await clock.advance(1);
    expect(written).toEqual(['one\n']);
  });

  it('counts the delay from the first line that waits, not from one that has gone', async () => {
    const { buffer, clock, written } = setUp();
    buffer.add('a line that is far too long for it\n');
    await clock.advance(200);
    buffer.add('two\n');
    await clock.advance(249);
    expect(written).toEqual(['a line that is far too long for it\n']);
    await clock.advance(1);
    expect(written).toEqual(['a line that is far too long for it\n', 'two\n']);
  });

  it('passes on what there is when asked to, and nothing twice', async () => {
    const { buffer, clock, written } = setUp();
    buffer.add('one\n');
    buffer.flush();
    buffer.flush();
    await clock.advance(1_000);
    expect(written).toEqual(['one\n']);
  });
});
