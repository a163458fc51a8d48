import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { Child } from './child.ts';

const GUIDES = new URL('../../docs/guides/', import.meta.url);
/** Where examples run: a package that has the dependencies which an app of a user would have. */
export const PROXY_PACKAGE = fileURLToPath(new URL('../../packages/proxy', import.meta.url));

/** How long an example may take to start, on a machine that is busy. */
export const START_DEADLINE_MS = 30_000;

/** The first example of a guide. */
export async function guideExample(guide: string): Promise<string> {
  const [, code = ''] = /```ts\n(.*?)```/s.exec(await readFile(new URL(guide, GUIDES), 'utf8')) ?? [];
  return code;
}

/** Runs the first example of a guide, with other addresses and files than it names. */
export async function startGuideExample(
  guide: string,
  instead: Readonly<Record<string, string | number>>,
): Promise<Child> {
  let code = await guideExample(guide);
  for (const [named, replacement] of Object.entries(instead)) {
    expect(code).toContain(named);
    code = code.replace(named, String(replacement));
  }
  const script = 'cd "$1" && exec "$2" --input-type=module-typescript --eval "$3"';
  const args = ['-c', script, 'sh', PROXY_PACKAGE, process.execPath, code];
  return new Child({ name: guide, command: '/bin/sh', args });
}
