import { poolName } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMember, encodeMember } from './member-codec.ts';
import { endpointOf, memberOf } from './testing/index.ts';

const record = memberOf('node-1', { opinions: [{ pool: poolName('shop'), down: [endpointOf(1)] }] });

describe('the record of a member', () => {
  it('is read as it was written', () => {
    expect(decodeMember('node-1', encodeMember(record))).toEqual(record);
  });

  it('is read without what a later release has added to it', () => {
    expect(decodeMember('node-1', JSON.stringify({ ...record, mood: 'good' }))).toEqual(record);
  });

  it.each<[string, unknown]>([
    ['is no JSON', 'garbage'],
    ['is no object', 'null'],
    ['is a list', '[]'],
    ['is no text', 7],
    ['is of another node', encodeMember(memberOf('node-2'))],
    ['has no name', encodeMember(memberOf(''))],
    ['is of a phase that there is not', JSON.stringify({ ...record, phase: 'sulking' })],
    ['counts with fractions', JSON.stringify({ ...record, beat: 1.5 })],
    ['counts with text', JSON.stringify({ ...record, startedAtMs: '1' })],
    ['has no release', JSON.stringify({ ...record, release: undefined })],
    ['has a fingerprint without end', JSON.stringify({ ...record, fingerprint: 'f'.repeat(1_000) })],
    ['has opinions that are no list', JSON.stringify({ ...record, opinions: {} })],
    ['has an opinion that is none', JSON.stringify({ ...record, opinions: [null] })],
    ['has an opinion of no pool', JSON.stringify({ ...record, opinions: [{ pool: '', down: [] }] })],
    [
      'has an opinion of an endpoint that is not of the pool',
      JSON.stringify({ ...record, opinions: [{ pool: 'shop', down: ['http://169.254.169.254/'] }] }),
    ],
    ['has no end', `${encodeMember(record)}${' '.repeat(300_000)}`],
  ])('is nothing where it %s', (_, text) => {
    expect(decodeMember('node-1', text)).toBeUndefined();
  });

  it('is nothing, and no error, whatever somebody else has written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeMember('node-1', text)).toBeUndefined();
      }),
    );
  });
});
