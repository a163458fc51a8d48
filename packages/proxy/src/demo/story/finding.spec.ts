import { describe, expect, it } from 'vitest';
import { cookiesSet, findAt, PROXY_COOKIE, provided } from './finding.ts';
import type { Visit } from './visitor.ts';

type Answered = Extract<Visit, { kind: 'answered' }>;

const HOME = { endpoint: 'shop/a', pinVersion: 1, items: 2 };
const NODES = ['node-1', 'node-2'];

const visit = (trace: Answered['trace'] = {}, more: Partial<Answered> = {}): Visit => ({
  kind: 'answered',
  trace: { node: 'node-1', endpoint: 'shop/a', pinVersion: 1, ...trace },
  items: 2,
  setCookies: [],
  ...more,
});
const viaBoth = [visit(), visit({ node: 'node-2' })];

describe('a finding', () => {
  it('is observed when every visit, through every node, is where the session should be', () => {
    expect(findAt(HOME, viaBoth, NODES, 'all well')).toEqual({
      kind: 'observed',
      what: 'all well',
      home: HOME,
    });
  });

  const faults: { fault: string; visits: readonly Visit[]; seen: string }[] = [
    {
      fault: 'a visit failed',
      visits: [{ kind: 'failed', why: 'status 502' }, ...viaBoth],
      seen: 'failed visits: status 502',
    },
    { fault: 'a node never answered', visits: [visit()], seen: 'nodes that answered: node-1' },
    {
      fault: 'the nodes disagree about the endpoint',
      visits: [visit(), visit({ node: 'node-2', endpoint: 'shop/b' })],
      seen: 'endpoints that served: shop/a, shop/b',
    },
    {
      fault: 'the session was moved once more than it should',
      visits: [...viaBoth, visit({ pinVersion: 2 })],
      seen: 'versions of the pin: 1, 2',
    },
    {
      fault: 'the cart was lost in between',
      visits: [...viaBoth, visit({}, { items: 0 })],
      seen: 'things in the cart: 2, 0',
    },
    { fault: 'there were no visits at all', visits: [], seen: 'nodes that answered: none' },
  ];
  it.each(faults)('is missed when $fault', ({ visits, seen }) => {
    expect(findAt(HOME, visits, NODES, 'all well')).toMatchObject({ kind: 'missed', seen });
  });

  it('is missed when everything moved to one other endpoint', () => {
    const moved = viaBoth.map((each) => ({
      ...each,
      trace: { ...(each as Answered).trace, endpoint: 'shop/c' },
    }));
    expect(findAt(HOME, moved as Visit[], NODES, 'all well')).toMatchObject({
      kind: 'missed',
      expected: 'endpoints that served: shop/a',
      seen: 'endpoints that served: shop/c',
    });
  });
});

describe('an expectation beside the finding', () => {
  const observed = findAt(HOME, viaBoth, NODES, 'all well');
  const withCookie = visit({}, { setCookies: ['cart', PROXY_COOKIE] });

  it('keeps an observed finding while it holds', () => {
    expect(provided(observed, cookiesSet(1, [withCookie]), cookiesSet(0, viaBoth))).toBe(observed);
  });

  it('turns it into a missed one when a session cookie came that nobody expected', () => {
    expect(provided(observed, cookiesSet(0, [...viaBoth, withCookie]))).toEqual({
      kind: 'missed',
      expected: `3 visits of which 0 got a new cookie ${PROXY_COOKIE}`,
      seen: `3 visits of which 1 got a new cookie ${PROXY_COOKIE}`,
    });
  });

  it('does not hide what was missed before', () => {
    const missed = findAt(HOME, [], NODES, 'all well');
    expect(provided(missed, cookiesSet(1, []))).toBe(missed);
  });
});
