import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { ConfigPath } from './config-path.ts';
import { type Environment, shieldReferences } from './interpolate.ts';
import type { Finding, Position } from './problem.ts';
import { keyText, SourceWalk, type WrittenReference } from './source-walk.ts';

/** A YAML text that could be read: its value with references replaced, and where in the text each part stands. */
export interface YamlSource {
  readonly kind: 'readable';
  readonly value: unknown;
  /** Keys given twice, references that could not be replaced. The value holds what could be made of them. */
  readonly findings: readonly Finding[];
  /** Where the value at `path` starts, or its key; where there is none, the nearest value around it. */
  positionOf(path: ConfigPath, about: Finding['about']): Position;
  /** Whether the text gives a value at `path`. */
  has(path: ConfigPath): boolean;
  /** How the text at `path` was written, if it has a reference in it. */
  referenceAt(path: ConfigPath): WrittenReference | undefined;
}

/** A text that is no YAML, with what the parser says of it. */
export interface UnreadableYaml {
  readonly kind: 'unreadable';
  readonly errors: readonly { readonly position: Position; readonly message: string }[];
}

const TEXT_LENGTH_MAX = 1_048_576;
const ALIASES_MAX = 100;
const ERRORS_SHOWN_MAX = 10;
const START: Position = { line: 1, column: 1 };

/** Reads one YAML document (1.2, core schema) and replaces the references to `environment` in its texts. */
export function readYaml(text: string, environment: Environment): YamlSource | UnreadableYaml {
  if (text.length > TEXT_LENGTH_MAX) return unreadable(START, 'expected at most 1 MiB of text');
  const lines = new LineCounter();
  const document = parseDocument(shieldReferences(text), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const errors = [...document.errors, ...document.warnings].slice(0, ERRORS_SHOWN_MAX);
  if (errors.length > 0) {
    const at = (error: YAMLError) => ({ position: positionIn(lines, error.pos[0]), message: explain(error) });
    return { kind: 'unreadable', errors: errors.map(at) };
  }
  const walk = new SourceWalk(document, environment);
  const plain = plainValue(document);
  if (plain.kind === 'refused') return unreadable(positionIn(lines, offsetOf(walk.suspectAlias)), plain.why);
  return {
    kind: 'readable',
    value: plain.value,
    findings: walk.findings,
    positionOf: (path, about) => positionIn(lines, offsetAt(document, path, about)),
    has: (path) => locate(document, path).isExact,
    referenceAt: (path) => walk.references.get(locate(document, path).value),
  };
}

const unreadable = (position: Position, message: string): UnreadableYaml => ({
  kind: 'unreadable',
  errors: [{ position, message }],
});

/** What the parser quotes from the text may be a secret, so only its own words are passed on. */
function explain({ code, message }: { readonly code?: string; readonly message: string }): string {
  if (code === 'MULTIPLE_DOCS') return 'expected one YAML document, found another';
  if (/call stack/.test(message)) return 'expected YAML, found it nested too deeply';
  const words = message.replace(/(?<! or): .*$/s, '').replace(/(?<=escape sequence) .*$/s, '');
  return `expected YAML, but: ${words}`;
}

/** Aliases are resolved here, and so it is here that too many of them, or one without an anchor, come to light. */
function plainValue(
  document: Document,
): { kind: 'value'; value: unknown } | { kind: 'refused'; why: string } {
  try {
    return { kind: 'value', value: document.toJS({ maxAliasCount: ALIASES_MAX }) };
  } catch (error) {
    return { kind: 'refused', why: explain(error instanceof Error ? error : { message: String(error) }) };
  }
}

interface Located {
  readonly key: unknown;
  readonly value: unknown;
  readonly isExact: boolean;
}

/** The node at a path and its key; where the way ends early, the last node on it. */
function locate(document: Document, path: ConfigPath): Located {
  let found: Located = { key: undefined, value: document.contents, isExact: true };
  for (const step of path) {
    const parent = isAlias(found.value) ? found.value.resolve(document) : found.value;
    const pair = isMap(parent)
      ? parent.items.findLast(({ key }) => keyText(key) === String(step))
      : undefined;
    if (pair !== undefined) found = { ...pair, isExact: true };
    else if (isSeq(parent) && parent.has(step))
      found = { key: undefined, value: parent.get(step, true), isExact: true };
    else return { ...found, isExact: false };
  }
  return found;
}

function offsetAt(document: Document, path: ConfigPath, about: Finding['about']): number {
  const { key, value, isExact } = locate(document, path);
  return offsetOf(about === 'key' && isExact && isNode(key) ? key : (value ?? key));
}

const offsetOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

function positionIn(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return line === 0 ? START : { line, column: col };
}
