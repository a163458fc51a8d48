/** Lines of aligned columns, the first of them the titles. Numbers stand on the right. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly (string | number | undefined)[])[],
): string {
  const cells = rows.map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isNumeric = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => typeof (row[column] ?? 0) === 'number');
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        isNumeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(titles.map((title) => title.toUpperCase())), ...cells.map(line)].join('\n');
}
