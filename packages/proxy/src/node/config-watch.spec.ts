import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { noSource } from './config-source.ts';
import { ConfigWatch } from './config-watch.ts';

/** A watch on a file that the test writes; undefined takes it away. */
function setUp() {
  const clock = new ManualClock();
  const file: { text: string | undefined } = { text: 'first' };
  const read = async (): Promise<string> => {
    if (file.text === undefined) throw new Error('ENOENT');
    return file.text;
  };
  const told: string[] = [];
  const watch = new ConfigWatch({ ...noSource, text: 'first', read }, clock, (text) => told.push(text));
  watch.start();
  return { clock, file, told, watch };
}

describe('a watch on a configuration file', () => {
  it('says nothing while the text stays', async () => {
    const { clock, told } = setUp();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  it('tells a new text once, when two looks have found it', async () => {
    const { clock, file, told } = setUp();
    file.text = 'second';
    await clock.advance(1_000);
    expect(told).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual(['second']);
    await clock.advance(60_000);
    expect(told).toEqual(['second']);
  });

  it('waits for the end of a file that is being written', async () => {
    const { clock, file, told } = setUp();
    for (const text of ['s', 'se', 'sec', 'second']) {
      file.text = text;
      await clock.advance(1_000);
    }
    expect(told).toEqual([]);
    await clock.advance(1_000);
    expect(told).toEqual(['second']);
  });

  it('takes a file that is gone for one that is being replaced', async () => {
    const { clock, file, told } = setUp();
    file.text = undefined;
    await clock.advance(5_000);
    expect(told).toEqual([]);
    file.text = 'second';
    await clock.advance(2_000);
    expect(told).toEqual(['second']);
  });

  it('does not tell what somebody has acted on already, and tells when it changes back', async () => {
    const { clock, file, told, watch } = setUp();
    file.text = 'second';
    watch.settle('second');
    await clock.advance(5_000);
    expect(told).toEqual([]);
    file.text = 'first';
    await clock.advance(5_000);
    expect(told).toEqual(['first']);
  });

  it('leaves no timer once it is stopped', async () => {
    const { clock, file, told, watch } = setUp();
    file.text = 'second';
    await clock.advance(1_000);
    watch.stop();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(5_000);
    expect(told).toEqual([]);
  });
});
