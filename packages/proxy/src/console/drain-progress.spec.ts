import { beforeEach, describe, expect, it } from 'vitest';
import type { EndpointView } from '../admin/api.ts';
import { DrainProgress } from './drain-progress.ts';

let progress: DrainProgress;
beforeEach(() => {
  progress = new DrainProgress();
});

/** An endpoint that drains since that hour, or does not. */
const endpoint = (pinned: number | undefined, hour?: string): EndpointView => ({
  ...{
    id: 'shop/a',
    url: 'http://a.internal',
    weight: 1,
    standing: 'draining',
    inFlight: 0,
    waiting: 0,
    pinned,
  },
  ...(hour !== undefined && { drain: { since: `2026-01-01T${hour}:00:00.000Z` } }),
});

describe('the progress of a drain', () => {
  it('is measured by the most sessions that were seen since it began', () => {
    for (const pinned of [40, 42, 7]) progress.see([endpoint(pinned, '10')]);
    expect(progress.mostPinnedOf('shop/a')).toBe(42);
  });

  it('is not known of an endpoint that does not drain, nor of one that no longer does', () => {
    progress.see([endpoint(40)]);
    expect(progress.mostPinnedOf('shop/a')).toBeUndefined();
    progress.see([endpoint(40, '10')]);
    progress.see([endpoint(40)]);
    expect(progress.mostPinnedOf('shop/a')).toBeUndefined();
  });

  it('begins anew with another drain', () => {
    progress.see([endpoint(40, '10')]);
    progress.see([endpoint(5, '11')]);
    expect(progress.mostPinnedOf('shop/a')).toBe(5);
  });

  it('is kept while sessions cannot be counted', () => {
    progress.see([endpoint(40, '10')]);
    progress.see([endpoint(undefined, '10')]);
    expect(progress.mostPinnedOf('shop/a')).toBe(40);
  });
});
