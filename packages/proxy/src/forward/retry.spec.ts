import { type ErrorCode, HoldfastError } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { UpstreamProgress } from '../upstream/upstream.ts';
import { type FailedAttempt, mayRetry, RetryBudget } from './retry.ts';

const failed = (
  code: ErrorCode,
  progress: UpstreamProgress,
  method: string,
  changes: Partial<FailedAttempt> = {},
): FailedAttempt => ({
  error: new HoldfastError(code, 'failed'),
  progress,
  method,
  bodyTaken: false,
  attempts: 1,
  ...changes,
});

describe('another attempt', () => {
  it.each<[ErrorCode, UpstreamProgress, string, boolean]>([
    ['UPSTREAM_CONNECT_FAILED', 'nothing-sent', 'GET', true],
    ['UPSTREAM_CONNECT_FAILED', 'nothing-sent', 'POST', true],
    ['UPSTREAM_CONNECT_TIMEOUT', 'nothing-sent', 'PATCH', true],
    ['UPSTREAM_RESET', 'nothing-sent', 'POST', true],
    ['UPSTREAM_RESET', 'sent', 'GET', true],
    ['UPSTREAM_RESET', 'sent', 'HEAD', true],
    ['UPSTREAM_RESET', 'sent', 'OPTIONS', true],
    ['UPSTREAM_RESET', 'sent', 'TRACE', true],
    ['UPSTREAM_RESET', 'sent', 'PUT', true],
    ['UPSTREAM_RESET', 'sent', 'DELETE', true],
    ['UPSTREAM_RESET', 'sent', 'POST', false],
    ['UPSTREAM_RESET', 'sent', 'PATCH', false],
    ['UPSTREAM_RESET', 'sent', 'PROPFIND', false],
    ['UPSTREAM_RESET', 'sent', 'get', false],
    ['UPSTREAM_TIMEOUT', 'sent', 'GET', false],
    ['UPSTREAM_BAD_RESPONSE', 'sent', 'GET', false],
    ['UPSTREAM_RESET', 'responding', 'GET', false],
    ['UPSTREAM_BAD_RESPONSE', 'responding', 'GET', false],
  ])('after %s with %s of a %s: %s', (code, progress, method, expected) => {
    expect(mayRetry(failed(code, progress, method))).toBe(expected);
  });

  it('is never a third one', () => {
    const attempts = 2;
    expect(mayRetry(failed('UPSTREAM_CONNECT_FAILED', 'nothing-sent', 'GET', { attempts }))).toBe(false);
  });

  it('never follows a body of which a piece was taken: it cannot be sent again', () => {
    const bodyTaken = true;
    expect(mayRetry(failed('UPSTREAM_CONNECT_FAILED', 'nothing-sent', 'PUT', { bodyTaken }))).toBe(false);
    expect(mayRetry(failed('UPSTREAM_RESET', 'sent', 'PUT', { bodyTaken }))).toBe(false);
  });
});

describe('the retry budget', () => {
  /** How many retries it grants, of more than it could. */
  const granted = (budget: RetryBudget): number => {
    let count = 0;
    while (count < 5_000 && budget.withdraw()) count++;
    return count;
  };

  it('starts with a reserve of ten', () => {
    expect(granted(new RetryBudget(new ManualClock()))).toBe(10);
  });

  it('grants a fifth of the requests beyond the reserve', () => {
    const budget = new RetryBudget(new ManualClock());
    for (let request = 0; request < 1_000; request++) budget.deposit();
    const count = granted(budget);
    expect(count).toBeGreaterThanOrEqual(209);
    expect(count).toBeLessThanOrEqual(210);
  });

  it('does not save up more than a thousand, however long all went well', () => {
    const budget = new RetryBudget(new ManualClock());
    for (let request = 0; request < 100_000; request++) budget.deposit();
    expect(granted(budget)).toBe(1_000);
  });

  it('earns one a second where requests are few, up to the reserve', async () => {
    const clock = new ManualClock();
    const budget = new RetryBudget(clock);
    granted(budget);
    await clock.advance(999);
    expect(budget.withdraw()).toBe(false);
    await clock.advance(1);
    expect(budget.withdraw()).toBe(true);
    expect(budget.withdraw()).toBe(false);
    await clock.advance(3_600_000);
    expect(granted(budget)).toBe(10);
  });

  it('holds retries to a fifth while everything fails', () => {
    const budget = new RetryBudget(new ManualClock());
    let retries = 0;
    for (let request = 0; request < 10_000; request++) {
      budget.deposit();
      if (budget.withdraw()) retries++;
    }
    expect(retries).toBeLessThanOrEqual(2_010);
    expect(retries).toBeGreaterThan(1_990);
  });
});
