import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Networks } from '../socket/networks.ts';
import { isEndpointAddress, isEndpointUrl } from './endpoint-address.ts';

describe('the address of an endpoint', () => {
  it.each([
    '10.0.0.1',
    '127.0.0.1',
    '172.16.0.9',
    '192.0.2.1',
    '203.0.113.255',
    '169.253.255.255',
    '223.255.255.255',
    '::1',
    'fd00::1',
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
  ])('may be %s', (address) => {
    expect(isEndpointAddress(address)).toBe(true);
  });

  it.each([
    ['unspecified', '0.0.0.0'],
    ['unspecified', '0.1.2.3'],
    ['unspecified', '::'],
    ['link-local', '169.254.169.254'],
    ['link-local', '169.254.0.1'],
    ['link-local', 'fe80::1'],
    ['link-local', 'febf:ffff::1'],
    ['link-local within IPv6', '::ffff:169.254.169.254'],
    ['link-local within IPv6', '::ffff:a9fe:a9fe'],
    ['link-local by NAT64', '64:ff9b::a9fe:a9fe'],
    ['link-local by 6to4', '2002:a9fe:a9fe::1'],
    ['of a zone', 'fe80::1%eth0'],
    ['of a zone', '2001:db8::1%1'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['metadata', 'fd00:ec2::254'],
    ['metadata', '100.100.100.200'],
    ['no address', 'shop.internal'],
    ['no address', ''],
    ['no address', '10.0.0.1:8080'],
    ['no address', '010.0.0.1'],
    ['no address', '[::1]'],
  ])('is never %s: %s', (_, address) => {
    expect(isEndpointAddress(address)).toBe(false);
  });

  it('lies in the networks that are allowed, where any are named', () => {
    const allowed = new Networks(['10.1.0.0/16', '192.0.2.7', 'fd12::/16']);
    for (const inside of ['10.1.0.0', '10.1.255.255', '192.0.2.7', 'fd12::9', '::ffff:10.1.2.3'])
      expect(isEndpointAddress(inside, allowed), inside).toBe(true);
    for (const outside of ['10.2.0.0', '192.0.2.8', 'fd13::9', '::ffff:10.2.2.3', '127.0.0.1'])
      expect(isEndpointAddress(outside, allowed), outside).toBe(false);
    expect(isEndpointAddress('10.1.0.1', new Networks([]))).toBe(false);
  });

  it('is not what is never one, although the allowed networks have it', () => {
    const everywhere = new Networks(['0.0.0.0/0', '::/0']);
    fc.assert(
      fc.property(fc.nat(0xffff), (low) => {
        const address = `169.254.${low >> 8}.${low & 255}`;
        expect(isEndpointAddress(address, everywhere)).toBe(false);
        expect(isEndpointAddress(`::ffff:${address}`, everywhere)).toBe(false);
      }),
    );
    expect(isEndpointAddress('10.0.0.1', everywhere)).toBe(true);
  });
});

describe('the host of an endpoint URL', () => {
  const allowed = new Networks(['10.0.0.0/8', 'fd00::/8']);

  it.each(['http://10.0.0.1', 'https://10.0.0.1:8443', 'tcp://10.0.0.1:6379', 'h2c://[fd00::1]:50051'])(
    'may be that of %s, in a network that is allowed',
    (url) => {
      expect([isEndpointUrl(url), isEndpointUrl(url, allowed)]).toEqual([true, true]);
    },
  );

  it.each([
    'http://169.254.169.254',
    'http://0xa9.0xfe.0xa9.0xfe',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]:80',
    'tcp://[fe80::1]:80',
    'udp://0.0.0.0:53',
  ])('is never that of %s, however it is written', (url) => {
    expect(isEndpointUrl(url)).toBe(false);
  });

  it('may be a name, unless networks are limited: nobody knows yet what it stands for', () => {
    expect(isEndpointUrl('http://shop.internal')).toBe(true);
    expect(isEndpointUrl('http://shop.internal', allowed)).toBe(false);
  });
});
