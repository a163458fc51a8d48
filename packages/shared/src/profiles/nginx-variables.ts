/** A variable of nginx that holds a field of a message. */
export interface NginxVariable {
  /** Of the request: `cookie`, `arg` and `http`. Of the response: `upstream_cookie` and `upstream_http`. */
  readonly kind: 'cookie' | 'arg' | 'http' | 'upstream_cookie' | 'upstream_http';
  /** As it stands in the variable: of a header in lower case, with underscores. */
  readonly name: string;
}

const VARIABLE = /^\$\{?(upstream_cookie|upstream_http|cookie|arg|http)_(\w+)\}?$/;

/** Reads `$cookie_sid` or `${cookie_sid}`; undefined of a variable that holds anything else. */
export function readVariable(text: string): NginxVariable | undefined {
  const [, kind, name] = VARIABLE.exec(text) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as NginxVariable['kind'], name };
}

/** The header that a variable means, as it is usually written: `X-Id` for `x_id`. */
export const headerNameOf = (variable: string): string =>
  variable
    .toLowerCase()
    .replaceAll('_', '-')
    .replaceAll(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
