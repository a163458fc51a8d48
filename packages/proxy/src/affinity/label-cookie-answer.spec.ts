import { describe, expect, it } from 'vitest';
import { type LabelSituation, labelAnswer } from './label-cookie-answer.ts';

type Options = Partial<LabelSituation['config']>;
type Facts = Partial<Omit<LabelSituation, 'config' | 'visit'> & LabelSituation['visit']>;

function answer(options: Options, facts: Facts = {}) {
  const { isDirect = false, isPost = false, isIgnored = false } = facts;
  const { isLabelled = true, isProvided = false, isDue = false } = facts;
  const { provided, inserted, went } = labelAnswer({
    config: { mode: 'insert', hidden: false, preserve: false, postOnly: false, ...options },
    visit: { isDirect, isPost, isIgnored },
    isLabelled,
    isProvided,
    isDue,
  });
  return `${provided} ${inserted ?? 'nothing'} ${went}`;
}

/** What an endpoint does that sets the cookie, for a client without a good cookie and for one with. */
const providing = (options: Options) =>
  [false, true].map((isDirect) => answer(options, { isProvided: true, isDirect }));

describe('the cookie of an endpoint that sets it itself', () => {
  it.each<[Options, string, string]>([
    [{ mode: 'passive' }, 'passed nothing P', 'passed nothing P'],
    [{ mode: 'passive', hidden: true }, 'passed nothing P', 'dropped nothing D'],
    [{ mode: 'rewrite' }, 'rewritten nothing R', 'rewritten nothing R'],
    [{ mode: 'insert' }, 'dropped label I', 'dropped nothing D'],
    [{ mode: 'insert', hidden: true }, 'dropped label I', 'dropped nothing D'],
    [{ mode: 'prefix' }, 'prefixed nothing R', 'prefixed nothing R'],
    [{ mode: 'prefix', hidden: true }, 'prefixed nothing R', 'dropped nothing D'],
    [{ mode: 'passive', hidden: true, preserve: true }, 'passed nothing P', 'passed nothing P'],
    [{ mode: 'insert', preserve: true }, 'passed nothing P', 'passed nothing P'],
    [{ mode: 'insert', hidden: true, preserve: true }, 'passed nothing P', 'passed nothing P'],
    [{ mode: 'prefix', hidden: true, preserve: true }, 'passed nothing P', 'passed nothing P'],
  ])('is treated as HAProxy says of %j', (options, without, withGoodCookie) => {
    expect(providing(options)).toEqual([without, withGoodCookie]);
  });

  it('passes where the endpoint has no label to put into it', () => {
    for (const mode of ['rewrite', 'prefix'] as const)
      expect(answer({ mode }, { isProvided: true, isLabelled: false })).toBe('passed nothing P');
  });
});

describe('the cookie of ours', () => {
  it('is inserted for a client that names no endpoint, and not for one that has been followed', () => {
    expect(answer({})).toBe('passed label I');
    expect(answer({}, { isDirect: true })).toBe('passed nothing N');
  });

  it('is updated for a client that has been followed when its dates are due', () => {
    expect(answer({}, { isDirect: true, isDue: true })).toBe('passed label U');
  });

  it('deletes what the client has when it comes to an endpoint without a label', () => {
    expect(answer({}, { isLabelled: false })).toBe('passed deletion I');
  });

  it('comes with no answer but those to POST where only these may have it', () => {
    expect(answer({ postOnly: true })).toBe('passed nothing N');
    expect(answer({ postOnly: true }, { isPost: true })).toBe('passed label I');
  });

  it('comes with no answer to a request whose label counts for nothing', () => {
    expect(answer({}, { isIgnored: true })).toBe('passed nothing N');
  });

  it.each(['prefix', 'rewrite', 'passive'] as const)('is never inserted in mode %s', (mode) => {
    expect(answer({ mode }, { isDue: true, isPost: true })).toBe('passed nothing N');
  });
});
