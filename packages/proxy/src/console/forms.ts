import { z } from 'zod';
import { type Refusal, refused } from '../admin/answer.ts';
import { readBody } from '../admin/read-body.ts';
import type { ConsoleContext } from './page.ts';

/** A field of a form; an empty one says nothing. */
export const filled = z
  .string()
  .trim()
  .optional()
  .transform((text) => (text === '' ? undefined : text));

/** What a form says, or what is wrong with it. */
export async function readForm<Fields extends z.ZodObject>(
  context: ConsoleContext,
  fields: Fields,
): Promise<{ readonly kind: 'form'; readonly fields: z.output<Fields> } | Refusal> {
  const body = await readBody(context.req.raw);
  if (body === undefined) return TOO_LONG;
  const { data, error } = fields.safeParse(Object.fromEntries(new URLSearchParams(body)));
  return error === undefined ? { kind: 'form', fields: data } : notAsExpected(error);
}

const TOO_LONG = refused('DOWNSTREAM_BAD_REQUEST', 'the form is longer than any of this console');

/** @param error what a schema says of what was filled in */
export const notAsExpected = ({ issues }: z.ZodError): Refusal => {
  const problems = issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return refused('DOWNSTREAM_BAD_REQUEST', `the form is not as expected: ${problems.join('; ')}`);
};
