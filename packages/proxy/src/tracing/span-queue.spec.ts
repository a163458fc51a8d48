import { ManualClock, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { LogBook } from '../testing/log-book.ts';
import type { Span } from './span.ts';
import { type ExportResult, SpanQueue } from './span-queue.ts';

/** As the spans of this test are a KiB each. */
const SPANS_MAX = 8_192;
const BATCH_MAX = 256;
const SPAN_BYTES = 1_024;

const spanOf = (spanId: string): Span => ({
  place: { traceId: 't', spanId, parentId: undefined, isParentRemote: false, flags: 1, state: '' },
  content: { kind: 'server', name: 'GET', attributes: {}, isError: false },
  startedAtMs: 1,
  endedAtMs: 2,
});
const spans = (count: number): Span[] => Array.from({ length: count }, (_, index) => spanOf(String(index)));

let clock: ManualClock;
let log: LogBook;
/** How many spans came in each export. */
let batches: number[];
let answers: ((result: ExportResult) => void)[];
let isClosed: boolean;
let aborts: number;
let queue: SpanQueue;

beforeEach(() => {
  clock = new ManualClock();
  log = new LogBook();
  batches = [];
  answers = [];
  isClosed = false;
  aborts = 0;
  const exporter = {
    encode: (encoded: readonly Span[]) => new Uint8Array(encoded.length * SPAN_BYTES),
    export: (batch: readonly Uint8Array[]) => {
      batches.push(batch.reduce((sum, { length }) => sum + length / SPAN_BYTES, 0));
      return new Promise<ExportResult>((resolve) => void answers.push(resolve));
    },
    abort: () => {
      aborts += 1;
    },
    close: async () => {
      isClosed = true;
    },
  };
  queue = new SpanQueue({ exporter, clock, log, exportTimeoutMs: 10_000 });
});

/** The collector takes what it was sent last, or fails at it. */
const answer = (result: ExportResult = { kind: 'arrived' }): Promise<void> => {
  answers.shift()?.(result);
  return settle();
};
const lost = { kind: 'lost', reason: 'connect ECONNREFUSED' } as const;
const sizes = () => batches;
const said = () => log.entries.map(({ level, message }) => `${level}: ${message}`);

describe('a queue of spans', () => {
  it('exports what has waited for a quarter of a second, together', async () => {
    queue.add(spans(3));
    await clock.advance(200);
    queue.add(spans(2));
    await clock.advance(49);
    expect(sizes()).toEqual([]);
    await clock.advance(1);
    expect(sizes()).toEqual([5]);
  });

  it('exports at once when there is a batch, and one batch after the other', async () => {
    for (let index = 0; index < 100; index++) queue.add(spans(6));
    await clock.advance(5_000);
    expect(sizes()).toEqual([258]);
    await answer();
    expect(sizes()).toEqual([258, 258]);
    await answer();
    expect(sizes()).toHaveLength(2);
    await clock.advance(250);
    expect(sizes()).toEqual([258, 258, 84]);
    expect(queue.dropped).toBe(0);
  });

  it('holds no more than its share of memory while a collector does not answer, and loses traces as a whole', async () => {
    for (let index = 0; index < 10_000; index++) queue.add(spans(3));
    const held = 30_000 - queue.dropped;
    expect(held).toBeGreaterThanOrEqual(BATCH_MAX + SPANS_MAX);
    expect(held).toBeLessThan(BATCH_MAX + SPANS_MAX + 6);
    expect(queue.dropped % 3).toBe(0);
    expect(said()).toEqual(['warn: traces are lost']);
  });

  it('gives a collector up that does not answer in time, and tries the next batch', async () => {
    queue.add(spans(BATCH_MAX));
    queue.add(spans(BATCH_MAX));
    await clock.advance(9_999);
    expect(sizes()).toHaveLength(1);
    await clock.advance(1);
    expect(queue.dropped).toBe(BATCH_MAX);
    expect(aborts).toBe(1);
    expect(sizes()).toHaveLength(2);
    expect(log.entries).toMatchObject([{ fields: { reason: 'no answer in time' } }]);
  });

  it('says once that spans are lost, and why, and once that they are not any more', async () => {
    for (let round = 0; round < 5; round++) {
      queue.add(spans(10));
      await clock.advance(250);
      await answer(lost);
    }
    expect(queue.dropped).toBe(50);
    expect(log.entries).toEqual([
      { level: 'warn', fields: { reason: 'connect ECONNREFUSED' }, message: 'traces are lost' },
    ]);
    for (let round = 0; round < 2; round++) {
      queue.add(spans(10));
      await clock.advance(250);
      await answer();
    }
    expect(said()).toEqual(['warn: traces are lost', 'info: traces are exported again']);
    expect(log.entries[1]?.fields).toEqual({ dropped: 50 });
  });

  it('does not change its mind with each batch where more comes than goes', async () => {
    for (let round = 0; round < 10; round++) {
      queue.add(spans(SPANS_MAX));
      queue.add(spans(SPANS_MAX));
      await answer();
    }
    expect(said()).toEqual(['warn: traces are lost']);
  });
});

describe('the end of a queue', () => {
  it('exports everything that waits, without waiting for company', async () => {
    queue.add(spans(BATCH_MAX));
    queue.add(spans(10));
    const closing = queue.close(2_000);
    await answer();
    await answer();
    await closing;
    expect(sizes()).toEqual([BATCH_MAX, 10]);
    expect(isClosed).toBe(true);
    expect(queue.dropped).toBe(0);
  });

  it('waits for a collector no longer than it may, and counts what is left', async () => {
    queue.add(spans(BATCH_MAX));
    queue.add(spans(10));
    let isOver = false;
    const closing = queue.close(2_000).then(() => {
      isOver = true;
    });
    await clock.advance(1_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await closing;
    expect(queue.dropped).toBe(10);
  });

  it('takes nothing more', async () => {
    await queue.close(2_000);
    queue.add(spans(3));
    expect(queue.dropped).toBe(3);
    await clock.advance(5_000);
    expect(sizes()).toEqual([]);
  });

  it('is over at once when there is nothing', async () => {
    await queue.close(2_000);
    expect(isClosed).toBe(true);
  });
});
