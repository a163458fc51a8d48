import { describe, expect, it } from 'vitest';
import type { SessionEntry } from '../session-inventory.ts';
import { keyOf, pinWith } from '../testing/index.ts';
import { BUCKETS } from './keys.ts';
import { type BucketListing, ListingPage } from './listing-page.ts';

/** A bucket that lists so many sessions, and then ends or goes on at `next`. */
const listing = (count: number, next?: string): BucketListing => {
  const sessions = Array.from(
    { length: count },
    (_, index): SessionEntry => ({ key: keyOf(index), pin: pinWith() }),
  );
  return next === undefined ? { sessions } : { sessions, next };
};

const pageOf = (limit: number, cursor?: string): ListingPage =>
  new ListingPage({ limit, ...(cursor !== undefined && { cursor }) }, 16);

const bucketsAsked = (page: ListingPage): number => page.nextTrip.buckets;

describe('a page of a listing', () => {
  it('begins with the first bucket, or where its cursor says', () => {
    expect(pageOf(10).nextTrip.start).toEqual({ bucket: 0, place: '0:' });
    expect(pageOf(10, '7:96:').nextTrip.start).toEqual({ bucket: 7, place: '96:' });
    expect(pageOf(10, `255:0:${keyOf(1)}`).nextTrip.start).toEqual({ bucket: 255, place: `0:${keyOf(1)}` });
  });

  it.each(['', '7', '7:96', '256:0:', '7:96:short', `7:${'9'.repeat(20)}:`, '-1:0:', '7:x:'])(
    'begins with the first bucket where the cursor is %j',
    (cursor) => {
      expect(pageOf(10, cursor).nextTrip.start).toEqual({ bucket: 0, place: '0:' });
    },
  );

  it('asks more and more buckets at once while they are nearly empty', () => {
    const page = pageOf(1);
    const asked: number[] = [];
    while (!page.isComplete) {
      asked.push(bucketsAsked(page));
      page.take(Array.from({ length: bucketsAsked(page) }, () => listing(0)));
    }
    expect(asked.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 16]);
    expect(asked.reduce((sum, buckets) => sum + buckets, 0)).toBe(BUCKETS);
    expect(page.result).toEqual({ sessions: [] });
  });

  it('asks for no more buckets than it has room for, going by what the last ones had', () => {
    const page = pageOf(100);
    page.take([listing(30)]);
    expect(page.nextTrip).toEqual({ start: { bucket: 1, place: '0:' }, buckets: 2, room: 70 });
    page.take([listing(30), listing(30)]);
    expect(page.nextTrip).toEqual({ start: { bucket: 3, place: '0:' }, buckets: 1, room: 10 });
  });

  it('asks a bucket that goes on by itself, and takes nothing of those after it before its turn', () => {
    const page = pageOf(100);
    page.take([listing(0)]);
    page.take([listing(10, '96:'), listing(10)]);
    expect(page.nextTrip).toEqual({ start: { bucket: 1, place: '96:' }, buckets: 1, room: 90 });
    page.take([listing(10)]);
    expect(page.nextTrip).toEqual({ start: { bucket: 2, place: '0:' }, buckets: 1, room: 80 });
  });

  it('leaves what does not fit to the next page, which begins there', () => {
    const page = pageOf(10);
    page.take([listing(8)]);
    page.take([listing(3, '96:')]);
    expect(page.isComplete).toBe(true);
    expect(page.result.sessions).toHaveLength(8);
    expect(page.result.next).toBe('1:0:');
  });

  it('takes the least that a bucket can list even if that is too much, so that every page gets on', () => {
    const page = pageOf(1);
    page.take([listing(3, '96:')]);
    expect(page.isComplete).toBe(true);
    expect(page.result.sessions).toHaveLength(3);
    expect(page.result.next).toBe('0:96:');
  });

  it('has no next one after the last bucket', () => {
    const page = pageOf(10, '255:0:');
    page.take([listing(10)]);
    expect(page.isComplete).toBe(true);
    expect(page.result).not.toHaveProperty('next');
  });
});
