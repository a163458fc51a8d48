// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration file are what is tested.
import { describe, expect, it } from 'vitest';
import { parseEndpoints } from './parse-endpoints.ts';
import { formatProblem } from './problem.ts';

const OPTIONS = { file: 'endpoints.yaml', kind: 'http', incarnationsAreProbed: false } as const;

const problems = (text: string, more: object = {}): readonly string[] => {
  const parsed = parseEndpoints(text, { ...OPTIONS, ...more });
  return parsed.kind === 'problems' ? parsed.problems.map(formatProblem) : [];
};

describe('a list of endpoints', () => {
  it('is read as the endpoints of a pool are, with all that they may say', () => {
    const text = `
- url: http://10.0.0.1:8080
- { id: b, url: "https://shop-2.internal", weight: 3, label: b, sticky: false, backup: true, maxConnections: 9, incarnation: x }
`;
    expect(parseEndpoints(text, OPTIONS)).toEqual({
      kind: 'endpoints',
      endpoints: [
        { id: '10.0.0.1:8080', url: 'http://10.0.0.1:8080', weight: 1, sticky: true, backup: false },
        {
          ...{ id: 'b', url: 'https://shop-2.internal', weight: 3, label: 'b', sticky: false, backup: true },
          ...{ maxConnections: 9, incarnation: 'x' },
        },
      ],
    });
  });

  it('may be JSON, and may be empty', () => {
    expect(parseEndpoints('[{"url": "http://10.0.0.1"}]', OPTIONS)).toMatchObject({
      endpoints: [{ id: '10.0.0.1:80' }],
    });
    expect(parseEndpoints('[]', OPTIONS)).toEqual({ kind: 'endpoints', endpoints: [] });
  });

  it.each([
    ['is no list', 'url: http://10.0.0.1', 'endpoints.yaml:1:1: expected a list, found a mapping'],
    ['is empty text', '', 'endpoints.yaml:1:1: expected a list, found an empty value'],
    ['is no YAML', '- "', /^endpoints\.yaml:1:\d+: expected YAML, but: /],
    [
      'has a wrong value',
      '- url: http://10.0.0.1\n  weight: -1\n',
      'endpoints.yaml:2:11: [0].weight: expected at least 0, found -1',
    ],
    [
      'has an id twice',
      '- { id: a, url: "http://10.0.0.1" }\n- { id: a, url: "http://10.0.0.2" }\n',
      'endpoints.yaml:2:9: [1].id: expected to be unique, found a a second time',
    ],
    [
      'has an address twice',
      '- url: http://10.0.0.1\n- url: http://10.0.0.1:80\n',
      'endpoints.yaml:2:8: [1].url: expected to be unique, found 10.0.0.1:80 a second time',
    ],
    [
      'has an endpoint that speaks something else',
      '- url: tcp://10.0.0.1:80\n',
      'endpoints.yaml:1:8: [0].url: expected http://, https:// or h2c://, as the scheme of discovery says, found tcp://10.0.0.1:80',
    ],
    [
      'refers to the environment, which a list has none of',
      '- url: ${URL}\n',
      'endpoints.yaml:1:8: [0].url: expected the environment variable URL, found it unset: set it, or write ${URL:-default}',
    ],
  ])('that %s is refused, with the place', (_, text, problem) => {
    expect(problems(text)).toEqual([typeof problem === 'string' ? problem : expect.stringMatching(problem)]);
  });

  it('tells what was probably meant by a key that there is not', () => {
    const [problem] = problems('- urll: http://10.0.0.1\n');
    expect(problem).toMatch(
      /^endpoints\.yaml:1:3: \[0\]\.urll: unknown key: expected one of id, url, weight/,
    );
    expect(problem).toMatch(/did you mean "url"\?$/);
  });

  it('must not say incarnations that health checks find out', () => {
    const text = '- { url: "http://10.0.0.1", incarnation: a }\n';
    expect(problems(text)).toEqual([]);
    expect(problems(text, { incarnationsAreProbed: true })).toEqual([
      'endpoints.yaml:1:42: [0].incarnation: expected none beside healthCheck.incarnation, which finds it out, found one',
    ]);
  });
});
