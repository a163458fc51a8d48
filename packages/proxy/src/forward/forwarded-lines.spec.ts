import { describe, expect, it } from 'vitest';
import { Peer } from '../exchange/peer.ts';
import { requestHeadOf } from '../testing/request-head.ts';
import { fieldsOf, valuesOf } from '../testing/response-head.ts';
import { append, forwardedOf } from './forwarded-lines.ts';
import { TrustedProxies } from './trusted-proxies.ts';

const ADDRESS = '192.0.2.7';
const nobody = new TrustedProxies([]);
const trusting = new TrustedProxies([ADDRESS, '10.0.0.0/8']);
const plainPeer = () => new Peer(ADDRESS, 8080, false);

/** What an endpoint and the proxy learn of a request with these fields. */
function learn(fields: readonly string[], trusted = nobody, peer = plainPeer()) {
  const { lines, ...forwarded } = forwardedOf(requestHeadOf(fields), peer, trusted);
  const told = fieldsOf(lines);
  return { ...forwarded, told, valuesOf: (name: string) => valuesOf(told, name) };
}

describe('what an untrusted peer says of itself', () => {
  const said = [
    ...['Host', 'shop.example', 'X-Forwarded-For', '10.0.0.9', 'X-Forwarded-Proto', 'https'],
    ...[
      'X-Forwarded-Host',
      'bank.example',
      'X-Forwarded-Port',
      '443',
      'Forwarded',
      'for=10.0.0.9;proto=https',
    ],
  ];

  it('is replaced by what is known', () => {
    expect(learn(said).told).toEqual([
      ...['X-Forwarded-For', ADDRESS, 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', 'shop.example'],
      ...['X-Forwarded-Port', '8080', 'Forwarded', `for=${ADDRESS};host=shop.example;proto=http`],
    ]);
  });

  it('is not believed by the proxy either', () => {
    expect(learn(said)).toMatchObject({ clientAddress: ADDRESS, isSecure: false });
  });

  it('changes nothing', () => {
    expect(learn(said).told).toEqual(learn(['Host', 'shop.example']).told);
  });
});

describe('what a trusted proxy says of its client', () => {
  const said = [
    ...['X-Forwarded-For', '203.0.113.9', 'X-Forwarded-For', '10.0.0.3', 'X-Forwarded-Proto', 'HTTPS'],
    ...['X-Forwarded-Host', 'www.shop.example', 'X-Forwarded-Port', '443', 'Forwarded', 'for=203.0.113.9'],
  ];

  it('is kept, and lists are extended by the peer', () => {
    expect(learn(said, trusting).told).toEqual([
      ...['X-Forwarded-For', `203.0.113.9, 10.0.0.3, ${ADDRESS}`, 'X-Forwarded-Proto', 'https'],
      ...['X-Forwarded-Host', 'www.shop.example', 'X-Forwarded-Port', '443'],
      ...['Forwarded', `for=203.0.113.9, for=${ADDRESS};host=www.shop.example;proto=https`],
    ]);
  });

  it('is believed: who the client is, and whether it came over TLS', () => {
    expect(learn(said, trusting)).toMatchObject({ clientAddress: '203.0.113.9', isSecure: true });
  });

  it('is completed by what is known where it says less', () => {
    expect(learn(['Host', 'h', 'X-Forwarded-For', '203.0.113.9'], trusting).told).toEqual([
      ...['X-Forwarded-For', `203.0.113.9, ${ADDRESS}`, 'X-Forwarded-Proto', 'http', 'X-Forwarded-Host', 'h'],
      ...['X-Forwarded-Port', '8080', 'Forwarded', `for=${ADDRESS};host=h;proto=http`],
    ]);
  });

  it('is nothing where it sends no such field: then the proxy is the client', () => {
    expect(learn([], trusting)).toMatchObject({ clientAddress: ADDRESS, isSecure: false });
  });

  it.each(['for="6.6.6.6', 'for=1.1.1.1, for="\\"', 'host="a\\"', 'for=a\\', '"'])(
    'cannot hide our hop in a quoted string that does not end: %s',
    (given) => {
      const { valuesOf: values } = learn(['Host', 'h', 'Forwarded', given], trusting);
      expect(values('forwarded')).toEqual([`for=${ADDRESS};host=h;proto=http`]);
    },
  );

  it('may quote what it likes', () => {
    const given = 'for="[2001:db8::1]:80";secret="a\\"b, c", for=_hidden';
    const { valuesOf: values } = learn(['Host', 'h', 'Forwarded', given], trusting);
    expect(values('forwarded')).toEqual([`${given}, for=${ADDRESS};host=h;proto=http`]);
  });

  it('cannot add to Forwarded what is no token', () => {
    const { valuesOf: values } = learn(['Host', 'h', 'X-Forwarded-Proto', 'https;for=10.0.0.1, x'], trusting);
    expect(values('forwarded')).toEqual([`for=${ADDRESS};host=h;proto=http`]);
  });
});

describe('what is known of a peer', () => {
  it('is that a client on TLS came over https', () => {
    const told = learn([], nobody, new Peer(ADDRESS, 8443, true));
    expect(told.isSecure).toBe(true);
    expect(told.valuesOf('x-forwarded-proto')).toEqual(['https']);
    expect(told.valuesOf('x-forwarded-port')).toEqual(['8443']);
  });

  it('is told of every request by the host of that request, though the connection is the same', () => {
    const peer = plainPeer();
    const hosts = ['one.example', 'one.example', 'two.example', 'one.example'];
    const told = hosts.map((host) => learn(['Host', host], nobody, peer).valuesOf('x-forwarded-host')[0]);
    expect(told).toEqual(hosts);
  });

  it('is not mixed up with what a trusted proxy said of another request on the connection', () => {
    const peer = plainPeer();
    learn(['Host', 'h', 'X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'https'], trusting, peer);
    expect(learn(['Host', 'h'], trusting, peer)).toMatchObject({ clientAddress: ADDRESS, isSecure: false });
  });

  it.each([
    ['an IPv6 peer in brackets and quotes', '2001:db8::7', 'h', 'for="[2001:db8::7]";host=h'],
    ['a host with a port in quotes', ADDRESS, 'h:8080', `for=${ADDRESS};host="h:8080"`],
    ['an IPv6 host in quotes', ADDRESS, '[::1]:80', `for=${ADDRESS};host="[::1]:80"`],
    ['a host with what would end the element in quotes', ADDRESS, 'a;b,c', `for=${ADDRESS};host="a;b,c"`],
  ])('is written in Forwarded with %s (RFC 7239 section 4)', (_, address, host, element) => {
    const told = learn(['Host', host], nobody, new Peer(address, 80, false));
    expect(told.valuesOf('forwarded')).toEqual([`${element};proto=http`]);
  });
});

describe('append', () => {
  it.each([
    [undefined, 'b'],
    ['', 'b'],
    ['a', 'a, b'],
  ])('to %j is %j: no list begins with an empty member', (list, appended) => {
    expect(append(list, 'b')).toBe(appended);
  });
});
