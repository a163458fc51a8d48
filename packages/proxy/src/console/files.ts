import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Hono } from 'hono';
import type { ConsoleEnv } from './page.ts';

/** A file that pages load, as it is served. */
export interface ServedFile {
  readonly type: string;
  readonly text: string;
}
export type FileMap = ReadonlyMap<string, ServedFile>;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Reads files, once: they are part of the program. @param base the `import.meta.url` of the module beside whose folder `files` they are */
export const readFiles = (base: string, names: readonly string[]): FileMap =>
  new Map(
    names.map((name) => [
      name,
      {
        type: TYPES[extname(name)] ?? 'text/plain; charset=utf-8',
        text: readFileSync(new URL(`files/${name}`, base), 'utf8'),
      },
    ]),
  );

/** The files of all pages. */
export const consoleFiles = readFiles(import.meta.url, ['console.css', 'console.js', 'feed.js', 'become.js']);

/** Serves files by their names. A browser keeps them, and asks each time whether they are still the same. */
export function serveFiles(pages: Hono<ConsoleEnv>, files: FileMap): void {
  const tags = new Map([...files].map(([name, { text }]) => [name, tagOf(text)]));
  pages.get('/files/:name', (context) => {
    const { name } = context.req.param();
    const file = files.get(name);
    const tag = tags.get(name);
    if (file === undefined || tag === undefined) return context.notFound();
    context.header('ETag', tag);
    context.header('Cache-Control', 'no-cache');
    if (context.req.header('if-none-match') === tag) return context.body(null, 304);
    return context.body(file.text, 200, { 'Content-Type': file.type });
  });
}

const tagOf = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
