/** White space of a field line and no other: to `trim` the last byte of an `à` in UTF-8 is a space (RFC 9110 section 5.6.3). */
const AROUND_VALUE = /^[ \t]+|[ \t]+$/g;

/** Field lines, each ending in CRLF, as a list of name, value, name, value. */
export function listOf(lines: string): string[] {
  const list: string[] = [];
  for (const line of lines.split('\r\n')) {
    if (line === '') continue;
    const colon = line.indexOf(':');
    list.push(line.slice(0, colon), line.slice(colon + 1).replace(AROUND_VALUE, ''));
  }
  return list;
}

/** A list of name, value, name, value as pairs. */
export const pairsOf = (list: readonly string[]): [string, string][] =>
  Array.from({ length: list.length / 2 }, (_, index) => [
    list[index * 2] as string,
    list[index * 2 + 1] as string,
  ]);

/** A list of name, value, name, value as an object of lists, which Node wants in some places. */
export function recordOf(list: readonly string[]): Record<string, string[]> {
  // Of no prototype, or a field that is called `constructor` would be there already.
  const record: Record<string, string[]> = Object.create(null);
  for (const [name, value] of pairsOf(list)) {
    const key = name.toLowerCase();
    record[key] = [...(record[key] ?? []), value];
  }
  return record;
}
