/** The words of a line of a HAProxy configuration, quotes and escapes taken away; undefined where a quote does not end. */
export function haproxyWords(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at]!;
    if (sign === '\\' && quote !== "'" && at + 1 < line.length) {
      at += 1;
      word = (word ?? '') + line[at]!;
    } else if (quote !== '') {
      if (sign === quote) quote = '';
      else word = (word ?? '') + sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === '#') break;
    else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + sign;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}

const UNIT_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time of HAProxy, such as `30s`, in milliseconds; a number alone is in `unitMs`, by default milliseconds. */
export function haproxyTimeMs(text: string, unitMs = 1): number | undefined {
  const [, count, unit] = /^(\d{1,12})(us|ms|[smhd])?$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit ?? ''] ?? unitMs);
}
