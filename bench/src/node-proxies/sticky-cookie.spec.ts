import { describe, expect, it } from 'vitest';
import { stickyCookie } from './sticky-cookie.ts';

const endpoints = ['http://127.0.0.1:1', 'http://127.0.0.1:2', 'http://127.0.0.1:3'];

describe('the sticky cookie of the Node libraries', () => {
  it('keeps a session where its first answer came from', () => {
    const choose = stickyCookie(endpoints);

    for (const first of [choose(undefined), choose('theme=dark'), choose('')]) {
      const cookie = first.setCookie!.split(';', 1)[0]!;
      expect(choose(`theme=dark; ${cookie}`)).toEqual({ endpoint: first.endpoint });
      expect(choose(`${cookie}; theme=dark`)).toEqual({ endpoint: first.endpoint });
    }
  });

  it('spreads new sessions over all endpoints', () => {
    const choose = stickyCookie(endpoints);

    expect(new Set(endpoints.map(() => choose(undefined).endpoint))).toEqual(new Set(endpoints));
  });

  it.each(['_srv_id=7', '_srv_id=x', '_srv_id=1x', 'not_srv_id=1'])('treats %s as no cookie', (cookie) => {
    expect(stickyCookie(endpoints)(cookie)).toHaveProperty('setCookie');
  });
});
