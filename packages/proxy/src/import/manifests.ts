import { type Document, isNode, LineCounter, parseAllDocuments } from 'yaml';
import type { Place } from './draft.ts';

/** Steps from a manifest to one of its values. */
export type ManifestPath = readonly (string | number)[];

/** A Kubernetes object, read without trust in its form: what is not there, or of another kind, is undefined. */
export interface Manifest {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** What stands there, as it is. */
  value(path: ManifestPath): unknown;
  text(path: ManifestPath): string | undefined;
  number(path: ManifestPath): number | undefined;
  /** The keys of a mapping, or the positions of a list. */
  keys(path: ManifestPath): readonly (string | number)[];
  place(path: ManifestPath, name?: string): Place;
}

/** The objects of a text, or the line from which on it cannot be read. */
export type ManifestText =
  | { readonly kind: 'manifests'; readonly manifests: readonly Manifest[] }
  | { readonly kind: 'unreadable'; readonly line: number; readonly name: string; readonly reason: string };

type Position = Required<Pick<Place, 'line' | 'column'>>;

const ALIASES_MAX = 100;

/** Reads the objects of a YAML text; those of a `List`, as `kubectl get -o yaml` prints it, one by one. */
export function readManifests(text: string): ManifestText {
  try {
    return readDocuments(text);
  } catch (error) {
    // The parser recurses: a text that is nested deeply enough ends its stack.
    const reason = error instanceof RangeError ? 'nested too deeply' : String(error);
    return { kind: 'unreadable', line: 1, name: 'file', reason: `expected YAML, but: ${reason}` };
  }
}

function readDocuments(text: string): ManifestText {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: 'error',
  });
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken !== undefined) {
    const { line } = lineCounter.linePos(broken.pos[0]);
    return { kind: 'unreadable', line, name: 'file', reason: `expected YAML, but: ${broken.message}` };
  }
  const manifests = [...documents].flatMap((document) => manifestsOf(document, lineCounter));
  return { kind: 'manifests', manifests };
}

function manifestsOf(document: Document.Parsed, lines: LineCounter): readonly Manifest[] {
  const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
  const isList = /List$/.test(String(valueAt(value, ['kind'])));
  const items = valueAt(value, ['items']);
  const roots = isList && Array.isArray(items) ? items.map((_, index) => ['items', index]) : [[]];
  return roots.map((root) => manifestAt(document, value, root, lines));
}

function manifestAt(
  document: Document.Parsed,
  whole: unknown,
  root: ManifestPath,
  lines: LineCounter,
): Manifest {
  const get = (path: ManifestPath): unknown => valueAt(whole, [...root, ...path]);
  const text = (path: ManifestPath): string | undefined => {
    const value = get(path);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
  };
  return {
    kind: text(['kind']) ?? '',
    name: text(['metadata', 'name']) ?? '',
    namespace: text(['metadata', 'namespace']) ?? 'default',
    value: get,
    text,
    number: (path) => {
      const value = Number(text(path) ?? Number.NaN);
      return Number.isNaN(value) ? undefined : value;
    },
    keys: (path) => {
      const value = get(path);
      if (Array.isArray(value)) return value.map((_, index) => index);
      return typeof value === 'object' && value !== null ? Object.keys(value) : [];
    },
    place: (path, name) => ({
      ...positionOf(document, [...root, ...path], lines),
      name: name ?? String(path.at(-1) ?? 'file'),
    }),
  };
}

const valueAt = (whole: unknown, path: ManifestPath): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? Reflect.get(value, step)
        : undefined,
    whole,
  );

/** Where the nearest value on the way stands; of a value on the line of its key, that is the line of both. */
function positionOf(document: Document.Parsed, path: ManifestPath, lines: LineCounter): Position {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const offset = isNode(node) ? node.range?.[0] : undefined;
    if (offset === undefined) continue;
    const { line, col } = lines.linePos(offset);
    if (line > 0) return { line, column: col };
  }
  return { line: 1, column: 1 };
}
