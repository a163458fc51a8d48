import { rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name and its addresses, as hosts(5) has them. Name servers read such files again when they change. */
export const hostsText = (name: string, addresses: readonly string[]): string =>
  addresses.map((address) => `${address} ${name}\n`).join('');

/** Puts a text in place of a file in one step, so that nobody who reads it finds half of it. */
export async function replaceFile(file: string, text: string): Promise<void> {
  // A name server that reads the whole folder leaves out what begins with a dot.
  const draft = join(dirname(file), `.${basename(file)}`);
  await writeFile(draft, text);
  await rename(draft, file);
}
