import { fieldLine } from '../codec/index.ts';

/** Fields of which a response may have several, each with its own meaning: both sides' are kept. */
const KEPT_BESIDE = new Set(['set-cookie', 'vary']);

/** Fields that belong to the connection or say where the body ends: the server's business, whoever wrote them. */
const NOT_ADDED = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const isCors = (name: string): boolean => name.startsWith('access-control-');

/**
 * The field lines of a proxied response with those that middleware has set before. Where both name a field, the endpoint's
 * stands, which knows its response best, with two exceptions: `Set-Cookie` and `Vary` of both are kept, and of the
 * `Access-Control-*` fields middleware's stand, since it speaks for the origin that browsers see and two of them
 * are an error to every browser (Fetch, section 3.3.3).
 */
export function withAddedFields(lines: string, added: Headers): string {
  const theirs = linesOf(lines);
  const kept = theirs.filter(({ name }) => !(isCors(name) && added.has(name)));
  const taken = new Set(kept.map(({ name }) => name));
  const ours = [...added].filter(
    ([name]) => !NOT_ADDED.has(name) && (KEPT_BESIDE.has(name) || !taken.has(name)),
  );
  return (
    kept.map(({ line }) => `${line}\r\n`).join('') +
    ours.map(([name, value]) => fieldLine(name, value)).join('')
  );
}

const linesOf = (lines: string): readonly { readonly line: string; readonly name: string }[] =>
  lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => ({ line, name: line.slice(0, line.indexOf(':')).toLowerCase() }));
