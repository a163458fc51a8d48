const RATE = /^([1-9]\d{0,5})\/s$/;

/** A rate such as `50/s`, as how often in a second. Undefined where the text is none. */
export function parseRate(text: string): number | undefined {
  const [, count] = RATE.exec(text) ?? [];
  return count === undefined ? undefined : Number(count);
}

/** The text that {@link parseRate} reads back. */
export const formatRate = (perSecond: number): string => `${perSecond}/s`;

const PERCENTAGE = /^(\d|[1-9]\d|100)%$/;

/** A whole percentage such as `10%`, as a fraction from 0 to 1. Undefined where the text is none. */
export function parsePercentage(text: string): number | undefined {
  const [, count] = PERCENTAGE.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) / 100;
}

/** The text that {@link parsePercentage} reads back. */
export const formatPercentage = (fraction: number): string => `${Math.round(fraction * 100)}%`;
