import { z } from 'zod';

/** What is wrong with a line of another system: the rest of a sentence that begins with "expected", and what stands there. */
export interface Refused {
  readonly expected: string;
  readonly found: string;
}

export const refused = (expected: string, found: string): Refused => ({
  expected,
  found: found.trim() === '' ? 'nothing' : found,
});

export const isRefused = (value: object): value is Refused => 'expected' in value && 'found' in value;

/** What could be read. */
export const accepted = <Read extends object>(results: readonly (Read | Refused)[]): Read[] =>
  results.filter((result): result is Exclude<typeof result, Refused> => !isRefused(result));

/**
 * A line of another system's configuration. What is wrong with it is what its reader says.
 *
 * @param show how what was found is written. Default: as it is.
 */
export const line = (read: (text: string) => object, show = (found: string): string => found) =>
  z.string().superRefine((text, context) => {
    const result = read(text);
    if (!isRefused(result)) return;
    const { expected: message, found } = result;
    context.addIssue({ code: 'custom', message, params: { found: show(found) } });
  });
