import type { Echo } from './endpoint-behaviours.ts';
import type { ClientResponse } from './http-client.ts';

/** What the endpoint says that it received, from a response of `/echo`. */
export const readEcho = ({ body }: Pick<ClientResponse, 'body'>): Echo => JSON.parse(body) as Echo;

/** The values of every field of that name, in order, from a list of names and values in turn. */
export function fieldValues(headers: readonly string[], name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === wanted);
}

/** The names of all fields, in lower case. */
export const fieldNames = (headers: readonly string[]): readonly string[] =>
  headers.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
