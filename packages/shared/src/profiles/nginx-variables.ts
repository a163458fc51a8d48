import type { RequestField } from './written-source.ts';

/** A variable of nginx that holds a field of a message. */
export type NginxVariable =
  | ({ readonly of: 'request' } & RequestField)
  | { readonly of: 'response'; readonly from: 'cookie' | 'header'; readonly name: string };

const VARIABLE = /^\$\{?(upstream_)?(cookie|arg|http)_(\w+)\}?$/;

const PLACES = { cookie: 'cookie', arg: 'query', http: 'header' } as const;

/** Reads `$cookie_sid` or `${cookie_sid}`; undefined of a variable that holds anything else. */
export function readVariable(text: string): NginxVariable | undefined {
  const [, upstream, kind, field] = VARIABLE.exec(text) ?? [];
  if (kind === undefined || field === undefined) return undefined;
  const from = PLACES[kind as keyof typeof PLACES];
  const name = from === 'header' ? headerNameOf(field) : field;
  if (upstream === undefined) return { of: 'request', from, name };
  return from === 'query' ? undefined : { of: 'response', from, name };
}

/** The field of a request that a variable holds, if it holds one. */
export function requestField(text: string): RequestField | undefined {
  const variable = readVariable(text);
  return variable?.of === 'request' ? variable : undefined;
}

/** The header that a variable means, as it is usually written: `X-Id` for `x_id`. */
const headerNameOf = (variable: string): string =>
  variable
    .toLowerCase()
    .replaceAll('_', '-')
    .replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
