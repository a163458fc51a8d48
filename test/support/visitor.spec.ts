import { describe, expect, it } from 'vitest';
import type { ClientRequest, Sender } from './http-client.ts';
import { Visitor } from './visitor.ts';

/** Answers with these endpoints in turn, and a new cookie whenever the endpoint changes. */
function senderOf(endpoints: readonly string[]): Sender & { readonly requests: ClientRequest[] } {
  const requests: ClientRequest[] = [];
  return {
    requests,
    async send(request = {}) {
      const at = requests.length;
      requests.push(request);
      const isNew = endpoints[at] !== endpoints[at - 1];
      return {
        status: 200,
        headers: {
          'x-served-by': endpoints[at],
          'holdfast-pin': `version=${at}; age=0`,
          'holdfast-outcome': 'hit; tier=near',
        },
        setCookies: isNew ? ['other=1', `_srv_id=value-${at}; Path=/`] : [],
        body: '',
        trailers: {},
        interim: [],
      };
    },
  };
}

describe('a visitor', () => {
  it('brings the cookie that was set last, beside those of the request', async () => {
    const sender = senderOf(['a', 'a', 'b', 'b']);
    const visitor = new Visitor('v');
    for (const cookie of [undefined, 'app=1', undefined, undefined]) {
      await visitor.visit(sender, cookie === undefined ? {} : { headers: { cookie } });
    }
    const cookies = sender.requests.map(({ headers }) => headers?.cookie);
    expect(cookies).toEqual([undefined, 'app=1; _srv_id=value-0', '_srv_id=value-0', '_srv_id=value-2']);
    expect(visitor.cookiesSet).toBe(2);
  });

  it('remembers its way as the endpoints that it came to, and what was said of its session', async () => {
    const sender = senderOf(['a', 'a', 'b', 'a']);
    const visitor = new Visitor('v');
    for (let count = 0; count < 4; count++) await visitor.visit(sender);
    expect(visitor.path).toEqual(['a', 'b', 'a']);
    expect(visitor.lastVisit).toMatchObject({ status: 200, servedBy: 'a', outcome: 'hit', version: 3 });
  });
});
