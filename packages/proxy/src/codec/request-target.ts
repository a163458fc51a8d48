import { isAuthority } from './authority.ts';
import { ASTERISK, SLASH } from './bytes.ts';

const ABSOLUTE = /^https?:\/\/([^/?]*)(.*)$/i;

/** What a request target of absolute form stands for. */
export interface AbsoluteTarget {
  /** Host and port; it replaces the `Host` field (RFC 9112 section 3.2.2). */
  readonly authority: string;
  /** The same target in origin form, or `*`. */
  readonly target: string;
}

/** Whether the target needs no rewriting: a path, or the `*` of OPTIONS (RFC 9112 sections 3.2.1 and 3.2.4). */
export function isDirectTarget(target: string, method: string): boolean {
  const first = target.charCodeAt(0);
  if (first === SLASH) return true;
  return first === ASTERISK && target.length === 1 && method === 'OPTIONS';
}

/**
 * Reads a target of absolute form. `bad-target` where it is of no form at all, or of authority form, which belongs to
 * CONNECT; `bad-authority` where it names no valid host or carries user information (RFC 9110 section 4.2.4).
 */
export function readAbsoluteTarget(
  target: string,
  method: string,
): AbsoluteTarget | 'bad-target' | 'bad-authority' {
  const match = ABSOLUTE.exec(target);
  if (match === null) return 'bad-target';
  const authority = match[1]!;
  const rest = match[2]!;
  if (!isAuthority(authority)) return 'bad-authority';
  if (rest.startsWith('/')) return { authority, target: rest };
  return { authority, target: rest === '' && method === 'OPTIONS' ? '*' : `/${rest}` };
}
