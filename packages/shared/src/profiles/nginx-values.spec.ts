import { describe, expect, it } from 'vitest';
import { nginxBytes, nginxTimeMs } from './nginx-values.ts';

describe('a time of nginx', () => {
  it.each([
    ['30', 30_000],
    ['0', 0],
    ['500ms', 500],
    ['1h30m', 5_400_000],
    ['1m30', 90_000],
    ['1m5ms', 60_005],
    ['1s500ms', 1_500],
    ['1M1w', 37 * 86_400_000],
  ])('%s is %i ms', (text, timeMs) => {
    expect(nginxTimeMs(text)).toBe(timeMs);
  });

  it.each(['', 'm', '30m1h', '1h1h', '1 h', '-1s', '1.5h', `${'9'.repeat(100)}x`])('%j is none', (text) => {
    expect(nginxTimeMs(text)).toBeUndefined();
  });
});

describe('a size of nginx', () => {
  it.each([
    ['10m', 10_485_760],
    ['32K', 32_768],
    ['7', 7],
  ])('%s is %i bytes', (text, bytes) => {
    expect(nginxBytes(text)).toBe(bytes);
  });

  it.each(['', 'k', '1t', '-1'])('%j is none', (text) => {
    expect(nginxBytes(text)).toBeUndefined();
  });
});
