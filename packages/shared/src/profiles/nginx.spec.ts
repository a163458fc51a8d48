import { describe, expect, it } from 'vitest';
import { nginx, nginxAffinity } from './nginx.ts';

const affinityOf = (values: object) => nginxAffinity(nginx.parse({ profile: 'nginx', ...values }));

/** What a problem says was expected and found. */
function objectionTo(values: object): readonly unknown[] {
  const [issue] = nginx.safeParse({ profile: 'nginx', ...values }).error?.issues ?? [];
  return issue?.code === 'custom' ? [issue.path.join(), issue.message, issue.params?.found] : [];
}

describe('the profile nginx', () => {
  it.each([
    ['the words alone', 'cookie srv_id path=/'],
    ['the directive', 'sticky cookie srv_id path=/;'],
    ['the directive over several lines, with a comment', 'sticky cookie\n  srv_id # ours\n  "path=/";'],
  ])('reads %s', (_, sticky) => {
    expect(affinityOf({ sticky })).toMatchObject({
      type: 'label-cookie',
      name: 'srv_id',
      cookie: { attributes: ['path'], path: '/' },
    });
  });

  it('lists the attributes that the directive names, in the order in which nginx writes them', () => {
    const sticky = 'cookie a path=/x samesite=none secure httponly domain=b.example expires=1h30m';
    expect(affinityOf({ sticky })).toMatchObject({
      cookie: {
        attributes: ['expires', 'max-age', 'domain', 'httponly', 'secure', 'samesite', 'path'],
        maxAge: '1h30m',
        sameSite: 'None',
        secure: 'always',
      },
    });
  });

  it.each([
    [
      'learn create=$upstream_cookie_sid lookup=$cookie_sid zone=s:32k',
      { sources: [{ type: 'app-cookie', name: 'sid' }], idleTimeout: '10m' },
    ],
    [
      'learn create=$upstream_http_x_id create=$upstream_cookie_id lookup=$cookie_sid lookup=$arg_q lookup=$http_x_id zone=s:1m timeout=90s header',
      {
        sources: [
          { type: 'app-cookie', name: 'sid', learn: { header: 'X-Id', cookie: 'id' } },
          { type: 'query', name: 'q', learn: { header: 'X-Id', cookie: 'id' } },
          { type: 'header', name: 'X-Id', learn: { header: 'X-Id', cookie: 'id' } },
        ],
        idleTimeout: '1m30s',
      },
    ],
    [
      'route $cookie_a $arg_b $http_x_c',
      {
        sources: [
          { type: 'label', in: 'cookie', name: 'a' },
          { type: 'label', in: 'query', name: 'b' },
          { type: 'label', in: 'header', name: 'X-C' },
        ],
      },
    ],
  ])('translates %s', (sticky, affinity) => {
    expect(affinityOf({ sticky })).toMatchObject(affinity);
  });

  it('keeps a hashed cookie that clients bring, whoever has set it', () => {
    expect(affinityOf({ hash: '$cookie_sid consistent' })).toMatchObject({
      type: 'app-cookie',
      name: 'sid',
      given: true,
    });
  });

  it.each([
    [{ sticky: 'learn create=$cookie_a lookup=$cookie_a zone=s:1m' }, 'create=$cookie_a'],
    [{ sticky: 'learn create=$upstream_cookie_a lookup=$request_id zone=s:1m' }, 'lookup=$request_id'],
    [{ sticky: 'learn create=$upstream_cookie_a lookup=$cookie_a zone=s:1m timeout=9ms' }, 'timeout=9ms'],
    [{ sticky: 'route $route_cookie' }, '$route_cookie'],
    [{ sticky: 'cookie a domain=$host' }, '$host'],
    [{ sticky: 'cookie a expires=2y' }, 'expires=2y'],
    [{ hash: '$request_uri' }, '$request_uri'],
  ])('says of %j what of it has no equivalent', (values, found) => {
    expect(objectionTo(values)).toEqual([Object.keys(values)[0], expect.any(String), found]);
  });

  it.each([
    [{}, 'none'],
    [{ sticky: 'cookie a', ip_hash: true }, '2 of them'],
  ])('wants one directive, not %j', (values, found) => {
    expect(objectionTo(values)).toEqual(['', 'one of sticky, ip_hash and hash', found]);
  });
});
