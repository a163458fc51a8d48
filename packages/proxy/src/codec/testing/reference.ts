import { fieldName, recognisedKinds } from '../field-kind.ts';

/**
 * The same rules a second time, written as the grammar is, with regular expressions over the whole message and without
 * any thought of speed. The parser and this page were made apart and are compared on every input that a test can think of.
 */

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const VALUE = '[\\t\\x20-\\x7e\\x80-\\xff]';
const FIELDS = `((?:${TOKEN}+:${VALUE}*\\r\\n)*)\\r\\n`;
const REQUEST = new RegExp(
  `^(?:\\r\\n)?(${TOKEN}{1,24}) ([\\x21\\x22\\x24-\\x7e]{1,8192}) HTTP/1\\.([01])\\r\\n${FIELDS}`,
);
const RESPONSE = new RegExp(`^HTTP/1\\.([01]) ([1-5][0-9][0-9])(?: (${VALUE}*))?\\r\\n${FIELDS}`);
const CHUNK = new RegExp(
  `^([0-9A-Fa-f]{1,13})(?:;${TOKEN}+(?:=(?:${TOKEN}+|"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\${VALUE})*"))?)*\\r\\n`,
);
const TRAILERS = new RegExp(`^${FIELDS}`);
const HOST = /^(?:[\w\-.~!$&'()*+,;=]|%[0-9a-f]{2})+(?::(\d{0,5}))?$|^\[[0-9a-f:.]{2,45}\](?::(\d{0,5}))?$/i;
const LIST_OF_TOKENS = new RegExp(`^[ \\t]*(?:${TOKEN}+[ \\t]*)?(?:,[ \\t]*(?:${TOKEN}+[ \\t]*)?)*$`);
const ABSOLUTE = /^https?:\/\/([^/?]*)/i;

/** What a strict reader makes of a head, and of the body behind it. */
export interface ReferenceMessage {
  readonly startLine: readonly string[];
  readonly fields: readonly string[];
  /** The body without its framing; undefined where the text ends before it does, or where its framing is broken. */
  readonly body: string | undefined;
}

/** The request at the start of the text; undefined where there is no whole and valid head. */
export function referenceRequest(text: string): ReferenceMessage | undefined {
  const match = REQUEST.exec(text);
  if (match === null) return undefined;
  const [all, method, target, minor, block] = match as unknown as [string, string, string, string, string];
  const fields = fieldsOf(block);
  if (fields === undefined || !isFramed(fields, minor) || method === 'CONNECT') return undefined;
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1 || (minor === '1' && hosts.length === 0) || !hosts.every(isHost)) return undefined;
  if (!isTarget(method, target)) return undefined;
  return { startLine: [method, minor], fields, body: bodyOf(fields, text.slice(all.length), '') };
}

/** The response to GET at the start of the text; undefined where there is no whole and valid head. */
export function referenceResponse(text: string): ReferenceMessage | undefined {
  const match = RESPONSE.exec(text);
  if (match === null) return undefined;
  const [all, minor, status, reason = '', block] = match as unknown as [
    string,
    string,
    string,
    string | undefined,
    string,
  ];
  const fields = fieldsOf(block);
  if (fields === undefined || !isFramed(fields, minor) || reason.length > 8191) return undefined;
  const rest = text.slice(all.length);
  const body = /^(?:1..|204|304)$/.test(status) ? '' : bodyOf(fields, rest, undefined);
  return { startLine: [status, minor], fields, body };
}

function fieldsOf(block: string): string[] | undefined {
  const lines = block.split('\r\n').slice(0, -1);
  if (lines.length > 100 || block.length + 2 > 16_384) return undefined;
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')];
  });
}

const valuesOf = (fields: readonly string[], name: string): string[] =>
  fields.filter((_, index) => index % 2 === 1 && fields[index - 1]!.toLowerCase() === name);

function isFramed(fields: readonly string[], minor: string): boolean {
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (!valuesOf(fields, 'connection').every((value) => LIST_OF_TOKENS.test(value))) return false;
  if (lengths.length + codings.length > 1) return false;
  if (codings.length === 1) return minor === '1' && codings[0]!.toLowerCase() === 'chunked';
  return lengths.every((value) => /^(?:0|[1-9]\d{0,15})$/.test(value) && BigInt(value) < 2n ** 53n);
}

function isHost(value: string): boolean {
  const match = HOST.exec(value);
  return match !== null && value.length <= 255 && Number(match[1] ?? match[2] ?? 0) <= 65_535;
}

function isTarget(method: string, target: string): boolean {
  if (target.startsWith('/')) return true;
  if (target === '*') return method === 'OPTIONS';
  const match = ABSOLUTE.exec(target);
  return match !== null && isHost(match[1]!);
}

function bodyOf(fields: readonly string[], rest: string, unframed: string | undefined): string | undefined {
  if (valuesOf(fields, 'transfer-encoding').length > 0) return referenceChunks(rest)?.body;
  const length = valuesOf(fields, 'content-length')[0];
  if (length === undefined) return unframed;
  return rest.length < Number(length) ? undefined : rest.slice(0, Number(length));
}

/** A whole and valid chunked body at the start of the text. */
export function referenceChunks(
  text: string,
): { readonly body: string; readonly trailers: string[] } | undefined {
  let body = '';
  let rest = text;
  for (;;) {
    const line = CHUNK.exec(rest);
    if (line === null) return undefined;
    rest = rest.slice(line[0].length);
    const size = Number.parseInt(line[1]!, 16);
    if (size === 0) break;
    if (rest.length < size + 2 || rest.slice(size, size + 2) !== '\r\n') return undefined;
    body += rest.slice(0, size);
    rest = rest.slice(size + 2);
  }
  const section = TRAILERS.exec(rest);
  const fields = section === null ? undefined : fieldsOf(section[1]!);
  return fields === undefined ? undefined : { body, trailers: trailersOf(fields) };
}

const RECOGNISED = new Set(recognisedKinds.map(fieldName));

function trailersOf(fields: readonly string[]): string[] {
  const isKept = (index: number) =>
    !RECOGNISED.has(fields[index - (index % 2)]!.toLowerCase().replaceAll('_', '-'));
  return fields.filter((_, index) => isKept(index));
}
