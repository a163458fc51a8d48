/**
 * A Markdown table with cells padded to their column, the first row being its heading.
 *
 * @param wordColumns so many columns are words, and the others are figures. Default: 1.
 */
export function formatTable(rows: readonly (readonly string[])[], wordColumns = 1): string {
  const [heading = [], ...body] = rows;
  const widths = heading.map((_, column) => Math.max(3, ...rows.map((cells) => cells[column]!.length)));
  const pad = (cell: string, column: number): string =>
    column < wordColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const line = (cells: readonly string[]): string => `| ${cells.map(pad).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column < wordColumns ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(heading), line(rule), ...body.map(line)].join('\n');
}
