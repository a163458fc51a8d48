import { fieldLine } from '../codec/index.ts';

/** Fields of which a response may have several, each with its own meaning: both sides' are kept. */
const KEPT_BESIDE = new Set(['set-cookie', 'vary']);

/** Fields that belong to the connection or say where the body ends: the server's business, whoever wrote them. */
const NOT_OURS = new Set([
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
    ([name]) => !NOT_OURS.has(name) && (KEPT_BESIDE.has(name) || !taken.has(name)),
  );
  return textOf(kept) + ours.map(([name, value]) => fieldLine(name, value)).join('');
}

/** Puts the fields of these lines where middleware sees and changes them, without those that are the server's business. */
export function showFields(lines: string, headers: Headers): void {
  for (const { name, value } of linesOf(lines)) if (!NOT_OURS.has(name)) headers.append(name, value);
}

/**
 * The field lines of a response after middleware has worked on what {@link showFields} showed of them: a field that it has
 * left alone keeps its lines, byte for byte; one that it has changed, added or deleted is as it left it.
 */
export function withChangedFields(lines: string, changed: Headers): string {
  const groups = Map.groupBy(linesOf(lines), ({ name }) => name);
  const kept = new Map(
    [...groups].filter(([name, group]) => NOT_OURS.has(name) || isAsBefore(group, changed)),
  );
  const ours = [...changed].filter(([name]) => !NOT_OURS.has(name) && !kept.has(name));
  return textOf([...kept.values()].flat()) + ours.map(([name, value]) => fieldLine(name, value)).join('');
}

/** The field lines of a response that middleware made. */
export const linesOfHeaders = (headers: Headers): string =>
  [...headers]
    .filter(([name]) => !NOT_OURS.has(name))
    .map(([name, value]) => fieldLine(name, value))
    .join('');

interface Line {
  readonly line: string;
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** Whether the lines of one name say what the headers say of it. */
function isAsBefore(group: readonly Line[], headers: Headers): boolean {
  const name = group[0]?.name ?? '';
  if (name !== 'set-cookie') return headers.get(name) === group.map(({ value }) => value).join(', ');
  const cookies = headers.getSetCookie();
  return cookies.length === group.length && group.every(({ value }, index) => value === cookies[index]);
}

const textOf = (lines: readonly Line[]): string => lines.map(({ line }) => `${line}\r\n`).join('');

const BLANKS_AROUND = /^[\t ]+|[\t ]+$/g;

const linesOf = (lines: string): readonly Line[] =>
  lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1).replace(BLANKS_AROUND, '');
      return { line, name: line.slice(0, colon).toLowerCase(), value };
    });
