// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration file are what is tested.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './parse-config.ts';
import { formatProblem } from './problem.ts';

const SECRET = 'correct horse battery staple';
const environment = { SECRET, HOSTNAME: 'node-1', RELEASE: '42', WEIGHT: '3', EMPTY: '', INJECTION: '/a' };

const problemsOf = (text: string): readonly string[] => {
  const parsed = parseConfig(text, { file: 'f.yaml', environment });
  return parsed.kind === 'problems' ? parsed.problems.map(formatProblem) : [];
};

const configOf = (text: string) => {
  const parsed = parseConfig(text, { file: 'f.yaml', environment });
  if (parsed.kind === 'problems') throw new Error(parsed.problems.map(formatProblem).join('\n'));
  return parsed;
};

const withEndpoint = (endpoint: string, rest = ''): string =>
  `listeners: [{ name: web, listen: ":0", pool: shop }]\npools: [{ name: shop, endpoints: [${endpoint}] }]\n${rest}`;

describe('parseConfig', () => {
  it('makes of a listener with a pool a listener with the one route that it is short for', () => {
    const { config } = configOf(withEndpoint('{ url: "http://10.0.0.1:8080" }'));
    expect(config.listeners[0]?.routes).toEqual([{ match: { path: '/' }, pool: 'shop' }]);
    expect(config.listeners[0]).not.toHaveProperty('pool');
  });

  it.each([
    ['http://10.0.0.1:8080', '10.0.0.1:8080'],
    ['http://shop.internal', 'shop.internal:80'],
    ['http://[::1]:80', '[::1]:80'],
  ])('names the endpoint %s after its address where the file does not', (url, id) => {
    expect(configOf(withEndpoint(`{ url: "${url}" }`)).config.pools[0]?.endpoints[0]?.id).toBe(id);
  });

  it('lets an unquoted reference be a number, a boolean or a text, as the key asks for', () => {
    const rest = 'cluster: { name: ${RELEASE} }\nlog: { access: ${ACCESS:-false} }';
    const { config } = configOf(withEndpoint('{ url: "http://a", weight: ${WEIGHT} }', rest));
    expect([config.cluster.name, config.log.access, config.pools[0]?.endpoints[0]?.weight]).toEqual([
      '42',
      false,
      3,
    ]);
  });

  it('lets a quoted reference be a text only', () => {
    expect(problemsOf(withEndpoint('{ url: "http://a", weight: "${WEIGHT}" }'))).toEqual([
      'f.yaml:2:62: pools[0].endpoints[0].weight: expected a whole number, found what ${WEIGHT} stands for',
    ]);
  });

  it('takes what a variable holds for a value, never for structure', () => {
    const injection = 'a", admin: { listen: "0.0.0.0:1" }';
    const parsed = parseConfig(withEndpoint('{ url: "http://a", id: "${X}" }'), {
      file: 'f',
      environment: { X: injection },
    });
    expect(parsed).toMatchObject({ kind: 'problems', problems: [{ path: 'pools[0].endpoints[0].id' }] });
  });

  it('finds a contradiction beside a misspelt key, in one reading', () => {
    const text = withEndpoint('{ url: "http://a", wieght: 1 }, { url: "http://a:80" }');
    expect(problemsOf(text).map((problem) => problem.split(': ')[1])).toEqual([
      'pools[0].endpoints[0].wieght',
      'pools[0].endpoints[1].url',
    ]);
  });

  it('finds an unknown pool where the file names it, in a route or in the short form', () => {
    const text = withEndpoint('{ url: "http://a" }').replace(
      'pool: shop',
      'routes: [{ pool: shop }, { match: { path: /a }, pool: shopp }]',
    );
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(
        /^f\.yaml:1:\d+: listeners\[0\]\.routes\[1\]\.pool: .*\n {2}did you mean "shop"\?$/,
      ),
    ]);
  });

  it('counts lines as they are in a file from Windows', () => {
    expect(problemsOf(withEndpoint('{ url: "http://a" }', 'colour: red').replaceAll('\n', '\r\n'))).toEqual([
      expect.stringMatching(/^f\.yaml:3:1: colour: unknown key/),
    ]);
  });

  it.each([
    ['memory:', 'none', false],
    ['memory:', 'cookie', false],
    ['sqlite:./a.db', 'cookie', true],
    ['redis://a', 'cookie', true],
    ['rediss://a', 'cookie', true],
    ['redis://a', 'none', false],
    ['redis://a', 'source-ip', true],
    ['redis://a', 'source-ip, mode: hash', false],
  ])('with the store %s and affinity %s asks for a secret: %s', (url, type, isRequired) => {
    const pools = `pools: [{ name: shop, endpoints: [{ url: "http://a" }], affinity: { type: ${type} } }]`;
    const text = `store: { url: "${url}" }\nlisteners: [{ name: web, listen: ":0", pool: shop }]\n${pools}`;
    expect(problemsOf(text).some((problem) => problem.includes('secrets:'))).toBe(isRequired);
  });

  it('refuses a text of more than 1 MiB unread', () => {
    expect(problemsOf('#'.repeat(1_048_577))).toEqual(['f.yaml:1:1: expected at most 1 MiB of text']);
  });

  it.each(['[', '{a: ', '- ', '? ', '&a [*a, ', '*a '])('survives %j twenty thousand times', (text) => {
    expect(problemsOf(text.repeat(20_000))).not.toEqual([]);
  });
});

describe('any text', () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`./fixtures/${name}.yaml`, import.meta.url), 'utf8');
  const valid = ['every-key', 'environment', 'anchors'].map(fixture);
  const snippet = fc.oneof(
    fc.constantFrom(
      '${SECRET}',
      '${',
      '"',
      "'",
      '{',
      '}',
      '[',
      ']',
      ': ',
      '- ',
      '\n',
      '\t',
      '&a ',
      '*a',
      '!!set ',
      '? ',
      '<<: ',
      '$',
      '\0',
    ),
    fc.constantFrom(
      '__proto__: ',
      'constructor: ',
      'null',
      '1e999',
      '0x10',
      '.nan',
      'true',
      '2001-01-01',
      '|\n',
      '%YAML 1.1\n---\n',
    ),
    fc.string({ maxLength: 5 }),
  );
  const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 40 }), insert: snippet });
  const mutated = fc
    .tuple(fc.constantFrom(...valid), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((left, { at, remove, insert }) => {
        const start = at % (left.length + 1);
        return left.slice(0, start) + insert + left.slice(start + remove);
      }, text),
    );

  it('is a configuration or has problems, is never thrown at, and its problems show no variable', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string()), (text) => {
        const parsed = parseConfig(text, { file: 'f.yaml', environment });
        if (parsed.kind === 'config') return;
        expect(parsed.problems).not.toEqual([]);
        for (const problem of parsed.problems) {
          expect(problem.line).toBeGreaterThanOrEqual(1);
          expect(problem.column).toBeGreaterThanOrEqual(1);
          expect(formatProblem(problem)).not.toContain(SECRET);
        }
      }),
      { numRuns: 500 },
    );
  });
});
