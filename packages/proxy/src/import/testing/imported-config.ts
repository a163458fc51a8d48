import { HoldfastError } from '@holdfast/shared';
import { type Config, parseConfig } from '@holdfast/shared/config';
import type { Imported } from '../imported.ts';

/** What Holdfast runs with after an import; fails where the result is none or is no configuration. */
export function configOf(imported: Imported): Config {
  if (imported.kind === 'unreadable') {
    throw new HoldfastError('INTERNAL', `nothing was imported: ${JSON.stringify(imported.notes)}`);
  }
  const parsed = parseConfig(imported.yaml, { file: 'imported.yaml', environment: {} });
  if (parsed.kind === 'config') return parsed.config;
  throw new HoldfastError('INTERNAL', `${JSON.stringify(parsed.problems)} in\n${imported.yaml}`);
}

/** The notes as they are told: `line name`. */
export const noted = ({ notes }: Imported): readonly string[] =>
  notes.map(({ line, name }) => `${line} ${name}`);
