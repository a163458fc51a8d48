import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { PASS_LIFETIME_MS, Passes } from './passes.ts';

let clock: ManualClock;
let token: string;
let passes: Passes;
beforeEach(() => {
  clock = new ManualClock();
  token = 'a token for operators';
  passes = new Passes(() => token, clock);
});

/** With another last character. */
const forged = (pass: string): string => `${pass.slice(0, -1)}${pass.endsWith('A') ? 'B' : 'A'}`;

describe('a pass', () => {
  it('is good until its time is over', async () => {
    const pass = await passes.issue();
    await clock.advance(PASS_LIFETIME_MS - 1);
    expect(await passes.isGood(pass)).toBe(true);
    await clock.advance(1);
    expect(await passes.isGood(pass)).toBe(false);
  });

  it('does not hold the token, and is another one each time', async () => {
    const [one, other] = [await passes.issue(), await passes.issue()];
    expect(one).not.toContain(token);
    expect(one).not.toContain(Buffer.from(token).toString('base64url'));
    expect(other).not.toBe(one);
  });

  it('is good at every node with that token, and after a restart', async () => {
    expect(await new Passes(() => token, clock).isGood(await passes.issue())).toBe(true);
  });

  it('is no good any more once the token is another one, and good again once that is taken back', async () => {
    const pass = await passes.issue();
    token = 'another token for operators';
    expect(await passes.isGood(pass)).toBe(false);
    token = 'a token for operators';
    expect(await passes.isGood(pass)).toBe(true);
  });

  it('cannot be prolonged, and not be made up', async () => {
    const [endsAt = '', number = '', ...seal] = (await passes.issue()).split('-');
    const later = (Number.parseInt(endsAt, 36) + 1).toString(36);
    for (const text of [
      [later, number, ...seal].join('-'),
      [endsAt, `${number}1`, ...seal].join('-'),
      forged([endsAt, number, ...seal].join('-')),
      [endsAt, number].join('-'),
      '',
      '--',
      'ä'.repeat(60),
      'z'.repeat(100_000),
    ])
      expect(await passes.isGood(text)).toBe(false);
  });

  it('is no good any more when it has been given back, and the others are', async () => {
    const [one, other] = [await passes.issue(), await passes.issue()];
    await passes.giveBack(one);
    expect(await passes.isGood(one)).toBe(false);
    expect(await passes.isGood(other)).toBe(true);
  });

  it('takes nothing with it that is no pass when that is given back', async () => {
    const pass = await passes.issue();
    await passes.giveBack(forged(pass));
    expect(await passes.isGood(pass)).toBe(true);
  });
});
