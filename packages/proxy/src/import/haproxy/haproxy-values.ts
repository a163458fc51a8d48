const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time of HAProxy, such as `30s` or `1h30m`, in milliseconds; a number alone is in `unitMs`, by default milliseconds. */
export function haproxyTimeMs(text: string, unitMs = 1): number | undefined {
  if (!/^(?:\d{1,12}(?:us|ms|[smhd])?)+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(us|ms|[smhd])?/g)].reduce(
    (sumMs, [, count, unit]) =>
      sumMs + Number(count) * (unit === undefined ? unitMs : (UNIT_MS[unit] ?? unitMs)),
    0,
  );
}
