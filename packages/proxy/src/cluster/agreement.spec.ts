import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Agreement, EndpointStanding } from '../pool/endpoint.ts';
import { agreementOn, isCutOff } from './agreement.ts';

const D = true;
const U = false;

describe('what a cluster has come to about an endpoint', () => {
  it.each<[string, boolean, readonly boolean[], Agreement]>([
    ['one node goes by what it holds', D, [], 'none'],
    ['one node goes by what it holds', U, [], 'none'],
    ['of two nodes each goes by what it holds', D, [U], 'none'],
    ['of two nodes each goes by what it holds', U, [D], 'none'],
    ['of three, one is too few', D, [U, U], 'up'],
    ['of three, one is too few, whoever it is', U, [D, U], 'up'],
    ['of three, two are enough', D, [D, U], 'down'],
    ['of three, two are enough without this one', U, [D, D], 'down'],
    ['of four, two are no majority', D, [D, U, U], 'up'],
    ['of four, three are', D, [D, D, U], 'down'],
    ['of five, three are', U, [D, D, D, U], 'down'],
  ])('%s: %s and %j are "%s"', (_, own, others, expected) => {
    expect(agreementOn(own, others)).toBe(expected);
  });

  it('is the same for every one of three or more nodes that know the same', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 9 }), (opinions) => {
        const seen = opinions.map((own, index) => agreementOn(own, opinions.toSpliced(index, 1)));
        expect(new Set(seen).size).toBe(1);
      }),
    );
  });

  it('never becomes "up" because one more node holds it down', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(fc.boolean(), { minLength: 2, maxLength: 9 }), (own, others) => {
        fc.pre(agreementOn(own, others) === 'down');
        for (const index of others.keys()) expect(agreementOn(own, others.with(index, D))).toBe('down');
      }),
    );
  });
});

describe('a node', () => {
  const endpoint = (standing: EndpointStanding, agreement: Agreement) => ({ standing, agreement });
  const reached = endpoint('serving', 'up');
  const missed = endpoint('suspect', 'up');
  const dead = endpoint('down', 'down');

  it.each([
    ['reaches everything', [reached, reached], false],
    ['does not reach half of what the others reach', [missed, missed, reached, reached], false],
    ['does not reach more than half of it', [missed, missed, missed, reached], true],
    ['does not reach the only endpoint that lives', [missed, dead, dead, dead], true],
    ['reaches the only endpoint that lives', [reached, dead, dead, dead], false],
    ['has nothing but dead endpoints, as the others have', [dead, dead], false],
    ['is too lonely to know', [endpoint('down', 'none'), endpoint('down', 'none')], false],
    ['has no endpoints', [], false],
  ])('that %s is cut off: %j, %s', (_, endpoints, expected) => {
    expect(isCutOff(endpoints)).toBe(expected);
  });
});
