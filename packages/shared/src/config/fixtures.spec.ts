import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { effectiveYaml } from './effective.ts';
import { parseConfig } from './parse-config.ts';
import { formatProblem, formatWarning } from './problem.ts';

/**
 * Each `fixtures/<name>.yaml` is read with the environment below; beside it lies what comes of it: the effective
 * configuration with its warnings, or the problems. A new key or check comes with a line in one of them.
 */
const environment = {
  HOSTNAME: 'node-7',
  RELEASE: '42',
  SECRET: 'a secret from the environment',
  SHORT: 'hunter2',
  WEIGHT: '3',
  EMPTY: '',
  INJECTION: '/a,b:{c}&d',
};

const directory = new URL('./fixtures/', import.meta.url);
const names = readdirSync(directory).flatMap((file) => /^([a-z-]+)\.yaml$/.exec(file)?.[1] ?? []);

const read = (name: string): { expected: string; actual: string } => {
  const text = readFileSync(new URL(`${name}.yaml`, directory), 'utf8');
  const parsed = parseConfig(text, { file: `${name}.yaml`, environment });
  if (parsed.kind === 'problems') {
    return { expected: `${name}.problems.txt`, actual: lines(parsed.problems.map(formatProblem)) };
  }
  const warnings = parsed.warnings.map((warning) => formatWarning(warning).replaceAll(/^/gm, '# '));
  return { expected: `${name}.effective.yaml`, actual: lines(warnings) + effectiveYaml(parsed.config) };
};

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('');

describe('the fixtures', () => {
  it.each(names)('%s comes out as the file beside it says', async (name) => {
    const { expected, actual } = read(name);
    await expect(actual).toMatchFileSnapshot(new URL(expected, directory).pathname);
  });

  it.each(names)('%s shows no secret', (name) => {
    const { actual } = read(name);
    const secrets = [
      'hunter2',
      'sixteen',
      'still opens',
      'for operators',
      'never shown',
      'the text of',
      environment.SECRET,
    ];
    expect(secrets.filter((secret) => actual.includes(secret))).toEqual([]);
  });
});
