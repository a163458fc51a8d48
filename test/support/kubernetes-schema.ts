import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KubernetesObject } from './helm-chart.ts';

/** Where files may import what the tests can. */
const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));
const TSC = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));

type Model = new (data: unknown) => { validate(): void };

/** The module with the type and the validator of a kind, made from the OpenAPI document or from a resource definition. */
const moduleOf = ({ apiVersion, kind }: KubernetesObject): string =>
  apiVersion.startsWith('monitoring.coreos.com/')
    ? `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}`
    : `kubernetes-models/${apiVersion}/${kind}`;

const titleOf = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

/** What an API server would have against an object: a type, a form, or something that is missing. */
export async function wrongIn(object: KubernetesObject): Promise<readonly string[]> {
  const { [object.kind]: model } = (await import(moduleOf(object))) as Readonly<Record<string, Model>>;
  if (model === undefined) return [`${titleOf(object)}: no such kind in ${object.apiVersion}`];
  try {
    new model(object).validate();
    return [];
  } catch (error) {
    return [`${titleOf(object)}: ${error instanceof Error ? error.message : error}`];
  }
}

/**
 * What strict validation would have against objects: members that their types do not have. All are checked at once, as
 * literals of TypeScript.
 */
export function unknownIn(objects: readonly KubernetesObject[]): readonly string[] {
  const texts = new Map(objects.map((object) => [JSON.stringify(object, undefined, 1), object]));
  const file = join(CACHE, `objects-${process.pid}.ts`);
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(file, [...texts].map(([text, object], index) => declaration(object, text, index)).join('\n'));
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'esnext', '--module', 'nodenext'];
  const { status, stdout } = spawnSync(TSC, ['--ignoreConfig', ...options, file], { encoding: 'utf8' });
  rmSync(file);
  return status === 0 ? [] : stdout.split('\n').filter((line) => line.includes('error TS'));
}

const declaration = (object: KubernetesObject, text: string, index: number): string =>
  [
    `import type { I${object.kind} as Kind${index} } from ${JSON.stringify(moduleOf(object))};`,
    `export const object${index}: Kind${index} = ${text};`,
  ].join('\n');
