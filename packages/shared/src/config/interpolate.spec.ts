// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration file are what is tested.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  escapeDollars,
  interpolate,
  isSoleReference,
  shieldReferences,
  unshieldReferences,
} from './interpolate.ts';

const environment = { HOST: 'shop', EMPTY: '', TRICKY: '${HOST} $$ $&' };

describe('interpolate', () => {
  it.each([
    ['${HOST}', 'shop'],
    ['http://${HOST}:${PORT:-80}/', 'http://shop:80/'],
    ['${HOST:-other}', 'shop'],
    ['${EMPTY}', ''],
    ['${EMPTY:-filled}', 'filled'],
    ['${UNSET:-}', ''],
    ['${UNSET:-a:-b}', 'a:-b'],
    ['$${HOST}', '${HOST}'],
    ['$$$${HOST}', '$${HOST}'],
    ['a$b $', 'a$b $'],
    // What a variable holds is a text, never a template nor a replacement pattern.
    ['${TRICKY}', '${HOST} $$ $&'],
  ])('reads %s as %s', (written, text) => {
    expect(interpolate(written, environment)).toEqual({ text, complaints: [] });
  });

  it.each(['${1HOST}', '${HOST-80}', '${HOST', '${}', '${HOST:-{}}'])(
    'refuses %s as no reference',
    (written) => {
      expect(interpolate(written, environment).complaints).toHaveLength(1);
    },
  );

  it('complains of every variable that is unset and has no default', () => {
    expect(interpolate('${ONE}:${TWO}', environment).complaints).toEqual([
      expect.stringContaining('ONE'),
      expect.stringContaining('TWO'),
    ]);
  });

  it('knows no variables but those of the environment', () => {
    expect(interpolate('${constructor}', environment).complaints).toHaveLength(1);
  });

  it('leaves every text as it is whose dollars were escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', ':', '-', 'A', ' ') }), (text) => {
        expect(interpolate(escapeDollars(text), environment)).toEqual({ text, complaints: [] });
      }),
    );
  });
});

describe('isSoleReference', () => {
  it.each([
    ['${A}', true],
    ['${A:-1}', true],
    ['${A}${B}', false],
    ['${A} ', false],
    ['$${A}', false],
  ])('says of %s: %s', (text, expected) => {
    expect(isSoleReference(text)).toBe(expected);
  });
});

describe('shielded references', () => {
  it('keep the length of the text, so that positions stay true', () => {
    const text = '{ node: ${HOSTNAME:-a, b: [c]} }';
    expect(shieldReferences(text)).toHaveLength(text.length);
    expect(shieldReferences(text)).toMatch(/^\{ node: \$[^{}:,[\]]*\}$/);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (name) => {
        const text = `a: \${${name}} # \${B:-${name}}`;
        expect(unshieldReferences(shieldReferences(text))).toBe(text);
      }),
    );
  });
});
