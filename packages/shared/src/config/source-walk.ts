import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import type { ConfigPath } from './config-path.ts';
import { type Environment, interpolate, isSoleReference, unshieldReferences } from './interpolate.ts';
import type { Finding } from './problem.ts';

/** A text with references, before they were replaced. */
export interface WrittenReference {
  readonly written: string;
  /** Whether it is one unquoted reference, so that it may stand for a number or a boolean too. */
  readonly isSole: boolean;
}

/** One pass over the nodes of a document: finds keys given twice and replaces references in place. */
export class SourceWalk {
  readonly findings: Finding[] = [];
  /** By the node that holds the text; an alias of the node is the same text. */
  readonly references = new Map<unknown, WrittenReference>();
  /** The alias to blame if the aliases cannot be resolved: the first without an anchor, else the first. */
  suspectAlias: Alias | undefined;
  readonly #document: Document;
  readonly #environment: Environment;

  constructor(document: Document, environment: Environment) {
    this.#document = document;
    this.#environment = environment;
    this.#visit(document.contents, []);
  }

  #visit(node: unknown, path: ConfigPath): void {
    if (isScalar(node)) this.#visitScalar(node, path);
    else if (isAlias(node)) this.#visitAlias(node);
    else if (isMap(node)) this.#visitPairs(node.items, path);
    else if (isSeq(node))
      for (const [index, item] of node.items.entries()) this.#visit(item, [...path, index]);
  }

  #visitPairs(pairs: readonly Pair[], path: ConfigPath): void {
    const seen = new Set<string>();
    for (const { key, value } of pairs) {
      if (isScalar(key) && typeof key.value === 'string') key.value = unshieldReferences(key.value);
      const inner = [...path, keyText(key)];
      if (seen.has(keyText(key)))
        this.findings.push({ path: inner, about: 'key', message: 'expected once, found again' });
      seen.add(keyText(key));
      this.#visit(value, inner);
    }
  }

  #visitScalar(scalar: Scalar, path: ConfigPath): void {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('$')) return;
    const written = unshieldReferences(scalar.value);
    const { text, complaints } = interpolate(written, this.#environment);
    scalar.value = text;
    this.references.set(scalar, { written, isSole: scalar.type === 'PLAIN' && isSoleReference(written) });
    for (const message of complaints) this.findings.push({ path, about: 'value', message });
  }

  #visitAlias(alias: Alias): void {
    const isBroken = alias.resolve(this.#document) === undefined;
    if (
      this.suspectAlias === undefined ||
      (isBroken && this.suspectAlias.resolve(this.#document) !== undefined)
    ) {
      this.suspectAlias = alias;
    }
  }
}

/** A key as the plain value has it. */
export const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key);
