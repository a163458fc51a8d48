import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { effectiveYaml, showableYaml } from './effective.ts';
import { parseConfig } from './parse-config.ts';
import type { Config } from './schema.ts';

const configOf = (text: string): Config => {
  const parsed = parseConfig(text, { file: 'f.yaml', environment: {} });
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
};

const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/);
const durationMs = fc.integer({ min: 1_000, max: 3_600_000 }).map((ms) => `${ms}ms`);
const endpoint = fc.record(
  {
    id: name,
    url: fc.constantFrom('http://10.0.0.1', 'http://[::1]:80', 'http://shop:8080'),
    weight: fc.nat({ max: 1000 }),
  },
  { requiredKeys: ['url'] },
);
const cookie = fc.record({
  type: fc.constant('cookie'),
  name: fc.string({ unit: fc.constantFrom('$', 'a', '!', '#', '|', '~'), minLength: 1, maxLength: 20 }),
  idleTimeout: durationMs,
});
const sources = fc.uniqueArray(
  fc.oneof(
    fc.record({ type: fc.constant('app-cookie'), name: fc.constantFrom('SID', 'JSESSIONID') }),
    fc.record(
      { type: fc.constant('header'), name: fc.constant('X-Session'), learn: fc.constant({ header: 'X-Id' }) },
      { requiredKeys: ['type', 'name'] },
    ),
    fc.record({ type: fc.constant('query'), name: name }),
  ),
  { minLength: 1, maxLength: 3, selector: ({ type, name }) => `${type} ${name}` },
);
// Signs that YAML or a reference gives a meaning to.
const target = fc
  .string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', ' ', '#', '"') })
  .map((text) => `/${text}`);
const pool = fc.record(
  {
    name: fc.constant('shop'),
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 1 }),
    affinity: fc.oneof(
      cookie,
      fc.constant({ type: 'none' }),
      fc.record({ sources, idleTimeout: durationMs }),
    ),
    healthCheck: fc.record({ path: target, interval: durationMs }),
  },
  { requiredKeys: ['name', 'endpoints'] },
);
const listener = fc.record({
  name: fc.constant('web'),
  listen: fc.constantFrom(':0', '[::]:80'),
  pool: fc.constant('shop'),
});
const written = fc.record({ listeners: fc.tuple(listener), pools: fc.tuple(pool) });

describe('the effective configuration', () => {
  it('reads back as itself, and writes every default out', () => {
    fc.assert(
      fc.property(written, (given) => {
        const config = configOf(showableYaml(given));
        const text = effectiveYaml(config);
        expect(configOf(text)).toEqual(config);
        expect(effectiveYaml(configOf(text))).toBe(text);
        expect(parse(text)).toHaveProperty('store.commandTimeout', '50ms');
      }),
    );
  });

  it('is the same for a configuration that leaves a default out and one that gives it', () => {
    const short =
      'listeners: [{ name: web, listen: ":80", pool: a }]\npools: [{ name: a, endpoints: [{ url: "http://b" }] }]';
    const long = `${short.replace('pool: a', 'routes: [{ pool: a }]')}\nlog: { level: info }`;
    expect(effectiveYaml(configOf(short))).toBe(effectiveYaml(configOf(long)));
  });
});
