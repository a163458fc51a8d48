import { describeValue, expectation } from '@holdfast/shared/config';
import type { z } from 'zod';
import type { ImportNote, Place } from '../draft.ts';
import type { Manifest, ManifestPath } from '../manifests.ts';

/** A Kubernetes object whose `spec` is as its schema wants it. */
export interface CheckedManifest<Spec> {
  readonly name: string;
  readonly namespace: string;
  readonly spec: Spec;
  /** Where a value of the `spec` stands in the text. */
  place(path: ManifestPath): Place;
}

/** The object, or everything that is wrong with it. @param namespace of objects that name none */
export function checkManifest<Schema extends z.ZodType>(
  manifest: Manifest,
  schema: Schema,
  namespace: string,
): CheckedManifest<z.output<Schema>> | readonly ImportNote[] {
  const place = (path: ManifestPath): Place => manifest.place(['spec', ...path], nameOf(manifest, path));
  const parsed = schema.safeParse(manifest.value(['spec']));
  if (!parsed.success) return parsed.error.issues.flatMap((issue) => objections(issue, manifest, place));
  return {
    name: manifest.name,
    namespace: manifest.text(['metadata', 'namespace']) ?? namespace,
    spec: parsed.data,
    place,
  };
}

/** `SessionStickyPolicy sample: spec.ports[0].port`. */
function nameOf({ kind, name }: Manifest, path: ManifestPath): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return `${kind} ${name}: spec${steps.join('')}`;
}

function objections(
  issue: z.core.$ZodIssue,
  manifest: Manifest,
  place: (path: ManifestPath) => Place,
): readonly ImportNote[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ ...place([...path, key]), reason: NOT_DONE }));
  const value = manifest.value(['spec', ...path]);
  const found = issue.code === 'too_big' && Array.isArray(value) ? value.length : describeValue(value);
  return [{ ...place(path), reason: `expected ${expectation(issue)}, found ${found}` }];
}

const NOT_DONE = 'expected no such key: it is misspelt, or says something that Holdfast does not do';
