import { describe, expect, it } from 'vitest';
import { acrossSites, companionLines } from './companion-lines.ts';

const single = { name: 'AWSELB' };
const both = { name: 'AWSELB', twin: 'AWSELBCORS' };

describe('the lines of a companion', () => {
  it('have the attributes of the cookie that they follow, byte for byte', () => {
    const attributes =
      ';Path=/shop; DOMAIN=example.com; HttpOnly;Max-Age=60; Version=1; Comment="a b"; Discard';
    expect(companionLines(single, 'sealed', attributes)).toEqual([`AWSELB=sealed${attributes}`]);
    expect(companionLines(single, 'sealed', '')).toEqual(['AWSELB=sealed']);
  });

  it.each([
    ['; Max-Age=0; Path=/', 'AWSELB=; Max-Age=0; Path=/'],
    [';expires = Thu, 01 Jan 1970 00:00:00 GMT', 'AWSELB=;expires = Thu, 01 Jan 1970 00:00:00 GMT'],
    ['; Path=/', 'AWSELB=; Path=/; Max-Age=0'],
    ['', 'AWSELB=; Max-Age=0'],
  ])('delete it together with the cookie that it follows: %j', (attributes, line) => {
    expect(companionLines(single, undefined, attributes)).toEqual([line]);
  });

  it('say the same to requests from other sites by a second name', () => {
    expect(companionLines(both, 'sealed', '; Path=/; SameSite=Lax')).toEqual([
      'AWSELB=sealed; Path=/; SameSite=Lax',
      'AWSELBCORS=sealed; Path=/; SameSite=None; Secure',
    ]);
  });
});

describe('attributes for requests from other sites', () => {
  it.each([
    ['', '; SameSite=None; Secure'],
    ['; Secure; Path=/', '; Path=/; SameSite=None; Secure'],
    ['; path=/secure; SECURE ; samesite = strict', '; path=/secure; SameSite=None; Secure'],
  ])('of %j are %j', (attributes, across) => {
    expect(acrossSites(attributes)).toBe(across);
  });
});
