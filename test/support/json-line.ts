/** One line of a JSON log. */
export interface JsonLine {
  readonly [field: string]: unknown;
  readonly msg?: unknown;
  readonly path?: unknown;
  readonly address?: unknown;
}

/** A line as JSON, or undefined where it is something else, such as a warning of the runtime. */
export function readJsonLine(line: string): JsonLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as JsonLine) : undefined;
  } catch {
    return undefined;
  }
}
