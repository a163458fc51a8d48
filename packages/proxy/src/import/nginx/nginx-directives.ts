import { type NginxToken, nginxTokens } from '@holdfast/shared/profiles';
import type { Place } from '../draft.ts';

/** A directive of an nginx configuration, with its block if it has one. */
export interface NginxDirective extends Place {
  readonly args: readonly string[];
  readonly block?: readonly NginxDirective[];
}

/** What stands in a text, or the place from which on it cannot be read. */
export type NginxText =
  | { readonly kind: 'directives'; readonly directives: readonly NginxDirective[] }
  | { readonly kind: 'unreadable'; readonly line: number; readonly name: string; readonly reason: string };

/** Blocks within blocks; real ones have six at most. */
const DEPTH_MAX = 32;

interface OpenBlock {
  readonly opening: NginxToken;
  readonly args: readonly string[];
  readonly directives: NginxDirective[];
}

/** Reads the structure of an nginx configuration, without knowing any directive. */
export function readNginx(text: string): NginxText {
  const open: OpenBlock[] = [];
  const top: NginxDirective[] = [];
  let words: NginxToken[] = [];
  for (const token of nginxTokens(text)) {
    const directives = open.at(-1)?.directives ?? top;
    const [first, ...rest] = words;
    const args = rest.map((word) => word.text);
    if (token.kind === 'word') words.push(token);
    else if (token.kind === 'unended')
      return broken(token, 'expected the quote to end, found the end of the file');
    else if (token.kind === '}') {
      if (first !== undefined) return broken(first, 'expected ";" at the end of the directive, found "}"');
      const closed = open.pop();
      if (closed === undefined) return broken(token, 'expected a directive, found "}" that closes nothing');
      const { opening, args: itsArgs, directives: block } = closed;
      (open.at(-1)?.directives ?? top).push({ name: opening.text, line: opening.line, args: itsArgs, block });
    } else if (first === undefined) return broken(token, `expected a directive, found "${token.text}"`);
    else if (token.kind === ';') directives.push({ name: first.text, line: first.line, args });
    else if (open.length === DEPTH_MAX)
      return broken(token, `expected at most ${DEPTH_MAX} blocks in one another`);
    else open.push({ opening: first, args, directives: [] });
    if (token.kind !== 'word') words = [];
  }
  const [unended] = words;
  if (unended !== undefined)
    return broken(unended, 'expected ";" at the end of the directive, found the end of the file');
  const unclosed = open.at(-1)?.opening;
  if (unclosed !== undefined)
    return broken(unclosed, 'expected "}" to close the block, found the end of the file');
  return { kind: 'directives', directives: top };
}

const broken = ({ text, line }: NginxToken, reason: string): NginxText => ({
  kind: 'unreadable',
  line,
  name: text.slice(0, 40),
  reason,
});

/** The last directive of a name, the innermost scope last. */
export const lastOf = (
  scopes: readonly (readonly NginxDirective[])[],
  name: string,
): NginxDirective | undefined =>
  scopes
    .map((scope) => scope.findLast((directive) => directive.name === name))
    .findLast((found) => found !== undefined);

/** The value behind `name=` among the arguments. */
export const optionOf = ({ args }: NginxDirective, name: string): string | undefined =>
  args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
