import { describe, expect, it } from 'vitest';
import { readDockerIgnore } from './docker-ignore.ts';
import { pairsOf, parseDockerfile, wordsOf } from './dockerfile.ts';

describe('a Dockerfile as it is read here', () => {
  const text = `# syntax=docker/dockerfile:1
ARG VERSION=26
FROM node:\${VERSION} AS base
# A remark.
RUN one && \\
    two
FROM base
ARG COLOUR=red
LABEL a="b c" \\
      d=e
ENV PATH=/app:$PATH COLOUR=$COLOUR
`;

  it('has stages with their steps, comments left out and lines joined', () => {
    expect(parseDockerfile(text)).toMatchObject([
      { name: 'base', base: 'node:26', instructions: [{ name: 'RUN', text: 'one && two' }] },
      { base: 'base', instructions: [{ name: 'LABEL' }, { name: 'ENV' }] },
    ]);
  });

  it('has build arguments in their places, and leaves other variables to whom they are for', () => {
    expect(parseDockerfile(text)[1]?.instructions[1]?.text).toBe('PATH=/app:$PATH COLOUR=red');
  });

  it('has commands in either form, and pairs with or without quotes', () => {
    expect(wordsOf('["a", "b c"]')).toEqual(['a', 'b c']);
    expect(wordsOf('a b')).toEqual(['sh', '-c', 'a b']);
    expect(pairsOf('a="b c" d=e')).toEqual({ a: 'b c', d: 'e' });
  });
});

describe('a .dockerignore as it is read here', () => {
  const brings = readDockerIgnore('# all but one folder\n*\n!kept\n**/*.spec.ts\n');

  it.each([
    ['other/file.ts', false],
    ['kept/file.ts', true],
    ['kept/deep/file.ts', true],
    ['kept/deep/file.spec.ts', false],
  ])('lets the last pattern that fits decide: %s, %s', (path, expected) => {
    expect(brings(path)).toBe(expected);
  });
});
