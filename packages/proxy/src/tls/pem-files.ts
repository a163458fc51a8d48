import { readFile } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/shared';

/** The contents of a file. @throws HoldfastError `INTERNAL` naming the file, if it cannot be read */
export async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new HoldfastError('INTERNAL', `read ${file}: ${messageOf(error)}`, error);
  }
}

/**
 * What `make` makes of contents.
 *
 * @param files the files that they come from, for people
 * @throws HoldfastError `INTERNAL` naming the files, if they are of no use
 */
export function usePem<Made>(files: string, make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw new HoldfastError('INTERNAL', `use ${files}: ${messageOf(error)}`, error);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
