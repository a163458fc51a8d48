import { describe, expect, it } from 'vitest';
import { counted, EMPTY_TALLY } from './tally.ts';
import type { Visit } from './visitor.ts';

const VISITS: readonly Visit[] = [
  { finding: 'new', endpoint: 'a', node: 'node-1' },
  { finding: 'kept', endpoint: 'a', node: 'node-2' },
  { finding: 'failed', node: '', cause: 'status 503' },
  { finding: 'failed', cause: 'status 503' },
];

describe('the tally of visits', () => {
  it('counts by what was found, who answered, who brought the answer, and what went wrong', () => {
    expect(VISITS.reduce(counted, EMPTY_TALLY)).toEqual({
      ...{ visits: 4, new: 1, kept: 1, moved: 0, lost: 0, failed: 2 },
      endpoints: { a: 2 },
      nodes: { 'node-1': 1, 'node-2': 1 },
      causes: { 'status 503': 2 },
    });
  });
});
