import { type ConfigPath, formatPath } from './config-path.ts';

/** Something to say about a value of the configuration, before it is known where in the file that is. */
export interface Finding {
  readonly path: ConfigPath;
  /** Whether it is about the key at `path` or its value. */
  readonly about: 'key' | 'value';
  /** What was expected and what was found. Never contains a secret. */
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** A place in a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a configuration file, and where. */
export interface ConfigProblem extends Position {
  readonly file: string;
  /** As `pools[0].affinity.idleTimeout`; empty where it concerns the text as a whole. */
  readonly path: string;
  /** What was expected and what was found. Never contains a secret. */
  readonly message: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

export function problemAt(file: string, position: Position, finding: Finding): ConfigProblem {
  const { path, message, suggestion } = finding;
  const { line, column } = position;
  return {
    file,
    line,
    column,
    path: formatPath(path),
    message,
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** In the order of the file, each said once. */
export function inFileOrder(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...unique.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** As compilers write it, so that editors find the place: `file:line:column: path: message`. */
export const formatProblem = (problem: ConfigProblem): string => formatWith('', problem);

/** As {@link formatProblem}, marked as one that keeps nobody from running. */
export const formatWarning = (problem: ConfigProblem): string => formatWith('warning: ', problem);

function formatWith(mark: string, { file, line, column, path, message, suggestion }: ConfigProblem): string {
  const where = `${file}:${line}:${column}: ${mark}${path === '' ? '' : `${path}: `}`;
  return where + message + (suggestion === undefined ? '' : `\n  did you mean "${suggestion}"?`);
}
