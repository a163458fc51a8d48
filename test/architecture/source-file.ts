import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A module that one file takes in. */
export interface Import {
  /** As written: `./pin.ts`, `node:net`, `@holdfast/store/redis`. */
  readonly specifier: string;
  /** Only types, which leave no trace in the running program. */
  readonly isTypeOnly: boolean;
}

/** A file of the program, as the rules of the architecture see it. */
export interface SourceFile {
  /** From the root of the repository: `packages/proxy/src/pool/pool.ts`. */
  readonly path: string;
  /** Its text without comments and without what is inside of string literals. */
  readonly code: string;
  /** Its text as it is. */
  readonly text: string;
  readonly imports: readonly Import[];
}

/** The TypeScript files below a folder; those of the program alone, without specs, benches and what serves them. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !/\.(?:spec|bench)\.ts$|\/(?:testing|node_modules)\//.test(path))
    .sort()
    .map((path) => readSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

/** Where an import of another file of this repository leads; undefined for a package. */
export const fileOf = (importer: SourceFile, { specifier }: Import): string | undefined =>
  specifier.startsWith('.') ? relative(ROOT, resolve(ROOT, importer.path, '..', specifier)) : undefined;

const COMMENT_OR_STRING =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(?<=[(=,:!&|?]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g;
const IMPORT =
  /\b(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?'([^'\n]+)'|\bimport\(\s*'([^'\n]+)'\s*\)/g;

/** Reads what the rules need of a file's text. */
export function readSource(path: string, text: string): SourceFile {
  // What is imported stands in single quotes, as the formatter sees to.
  const uncommented = text.replaceAll(COMMENT_OR_STRING, (found) => (found.startsWith("'") ? found : ' '));
  const imports = [...uncommented.matchAll(IMPORT)].map(([, type, from, dynamic]) => ({
    specifier: from ?? dynamic ?? '',
    isTypeOnly: type !== undefined,
  }));
  const code = text.replaceAll(COMMENT_OR_STRING, (found) => (/^['"`]/.test(found) ? "''" : ' '));
  return { path, text, code, imports };
}
