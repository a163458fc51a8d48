import { readFile } from 'node:fs/promises';
import {
  type ConfigProblem,
  formatProblem,
  formatWarning,
  type ParsedConfig,
  parseConfig,
} from '@holdfast/shared/config';
import type { ConfigSource } from '../node/config-source.ts';
import type { Terminal } from './terminal.ts';

/** Where a configuration is looked for when none is named. */
export const DEFAULT_CONFIG_FILE = './holdfast.yaml';

/** Reads and parses a configuration file. That it cannot be read is one more problem of it. */
export async function readConfigFile(
  file: string,
  { environment }: Pick<Terminal, 'environment'>,
): Promise<ParsedConfig & { readonly text: string }> {
  try {
    const text = await readFile(file, 'utf8');
    return { ...parseConfig(text, { file, environment }), text };
  } catch (error) {
    return { kind: 'problems', problems: [unreadable(file, error)], text: '' };
  }
}

/** A configuration file as a node follows it. @param text what it held when the node was started */
export const configSource = (
  file: string,
  text: string,
  { environment }: Pick<Terminal, 'environment'>,
): ConfigSource & { readonly text: string } => ({
  text,
  read: () => readFile(file, 'utf8'),
  parse: (read) => parseConfig(read, { file, environment }),
  unreadable: (error) => formatProblem(unreadable(file, error)),
});

function unreadable(file: string, error: unknown): ConfigProblem {
  const message = `expected a file that can be read, found ${unreadableBecause(error)}: name the configuration with -c FILE`;
  return { file, line: 1, column: 1, path: '', message };
}

const UNREADABLE_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'one that this user may not read',
  EISDIR: 'a directory',
  ENOENT: 'none',
};

/** What was found in place of a file, in a word or two. */
export function unreadableBecause(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  return UNREADABLE_WORDS[code] ?? code;
}

/** A configuration without problems, and its text. */
export type LoadedConfig = Extract<ParsedConfig, { kind: 'config' }> & { readonly text: string };

/** A configuration without problems, its warnings told; or, its problems told, undefined. */
export const loadConfig = async (file: string, terminal: Terminal): Promise<LoadedConfig | undefined> =>
  loaded(await readConfigFile(file, terminal), terminal);

/** As {@link loadConfig}, of what has been read. */
export function loaded(
  parsed: ParsedConfig & { readonly text: string },
  terminal: Terminal,
): LoadedConfig | undefined {
  if (parsed.kind === 'problems') {
    for (const problem of parsed.problems) terminal.complain(formatProblem(problem));
    return undefined;
  }
  for (const warning of parsed.warnings) terminal.complain(formatWarning(warning));
  return parsed;
}
