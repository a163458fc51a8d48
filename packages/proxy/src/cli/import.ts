import { readFile } from 'node:fs/promises';
import { importCce } from '../import/cce/import-cce.ts';
import type { ImportNote } from '../import/draft.ts';
import { importHaproxy } from '../import/haproxy/import-haproxy.ts';
import type { Imported } from '../import/imported.ts';
import { importNginx } from '../import/nginx/import-nginx.ts';
import { unreadableBecause } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast import` is told. */
export interface ImportOptions {
  readonly json?: boolean;
}

const IMPORTERS = { nginx: importNginx, haproxy: importHaproxy, cce: importCce } as const;

/** The programs whose configurations can be imported. */
export const IMPORT_FORMATS = Object.keys(IMPORTERS) as readonly ImportFormat[];
export type ImportFormat = keyof typeof IMPORTERS;

/** Prints another program's configuration as one of Holdfast, and says on standard error what it leaves out, by line. */
export async function importConfig(
  format: ImportFormat,
  file: string,
  { json }: ImportOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const text = await readText(file, terminal);
  if (text === undefined) return EXIT.usage;
  const imported = IMPORTERS[format](text);
  if (json === true) terminal.print(asJson(file, imported));
  else {
    if (imported.kind === 'imported') terminal.print(imported.yaml);
    for (const note of imported.notes) terminal.complain(noteLine(file, note));
  }
  return imported.kind === 'imported' ? EXIT.ok : EXIT.usage;
}

async function readText(file: string, terminal: Terminal): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    terminal.complain(`${file}: expected a file that can be read, found ${unreadableBecause(error)}`);
    return undefined;
  }
}

function asJson(file: string, imported: Imported): string {
  const config = imported.kind === 'imported' ? imported.yaml : null;
  return JSON.stringify({ file, config, notes: imported.notes }, undefined, 2);
}

/** As compilers write it, so that editors find the place. */
const noteLine = (file: string, { line, name, reason }: ImportNote): string =>
  `${file}:${line}: ${name}: ${reason}`;
