import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_HELLO_BYTES_MAX, readServerName } from './client-hello.ts';

/** What a TLS client of Node sends first. */
function clientHello(servername: string | undefined): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        resolve(bytes);
        done();
      },
    });
    connect({ socket: wire, ...(servername !== undefined && { servername }) }).on('error', () => {});
  });
}

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const part = (bytes: Buffer): Buffer => Buffer.concat([uint16(bytes.length), bytes]);
const record = (fragment: Buffer): Buffer => Buffer.concat([Buffer.from([22, 3, 1]), part(fragment)]);

const hostName = (name: string, type = 0): Buffer =>
  Buffer.concat([Buffer.of(type), part(Buffer.from(name))]);
const serverNames = (...names: readonly Buffer[]): Buffer =>
  Buffer.concat([uint16(0), part(part(Buffer.concat(names)))]);

/** A ClientHello of these extensions, as a handshake message. */
function message(...extensions: readonly Buffer[]): Buffer {
  const body = Buffer.concat([
    uint16(0x0303),
    Buffer.alloc(32, 7),
    Buffer.of(0),
    part(uint16(0x1301)),
    Buffer.of(1, 0),
    part(Buffer.concat(extensions)),
  ]);
  return Buffer.concat([Buffer.of(1, 0), uint16(body.length), body]);
}

/** The message in records of at most so many bytes. */
function inRecords(bytes: Buffer, fragmentBytes: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += fragmentBytes)
    records.push(record(bytes.subarray(at, at + fragmentBytes)));
  return Buffer.concat(records);
}

const read = (serverName: string | undefined) => ({ kind: 'read', serverName });

describe('the server name of a ClientHello', () => {
  it('is what a TLS client of Node asks for', async () => {
    expect(readServerName(await clientHello('Shop.Example.com'))).toEqual(read('shop.example.com'));
  });

  it('is none where the client asks for none', async () => {
    expect(readServerName(await clientHello(undefined))).toEqual(read(undefined));
    expect(readServerName(record(message()))).toEqual(read(undefined));
  });

  it('is none where the client speaks something else', () => {
    for (const text of ['GET / HTTP/1.1\r\n', '*1\r\n$4\r\nPING\r\n', '\0'])
      expect(readServerName(Buffer.from(text))).toEqual(read(undefined));
  });

  it('is found in whatever records and pieces it comes, as soon as it can be and no sooner', () => {
    const hello = message(serverNames(hostName('a.example')));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: hello.length }), fc.nat(), (fragmentBytes, cut) => {
        const bytes = inRecords(hello, fragmentBytes);
        expect(readServerName(bytes)).toEqual(read('a.example'));
        expect(readServerName(bytes.subarray(0, cut % bytes.length))).toEqual({ kind: 'partial' });
      }),
    );
  });

  it('does not depend on what follows the ClientHello', () => {
    const hello = record(message(serverNames(hostName('a.example'))));
    expect(readServerName(Buffer.concat([hello, Buffer.from('early data')]))).toEqual(read('a.example'));
  });

  it.each([
    ['another handshake message', record(Buffer.of(2, 0, 0, 0))],
    [
      'a record of another type in the middle',
      Buffer.concat([record(Buffer.of(1)), Buffer.of(23, 3, 1, 0, 1, 0)]),
    ],
    ['an empty record', record(Buffer.alloc(0))],
    ['a record that is too long', Buffer.of(22, 3, 1, 0x40, 0x01)],
    ['an unknown version', Buffer.of(22, 2, 0, 0, 4)],
    ['more than is read', record(Buffer.of(1, 0, 0x40, 0x01))],
    ['two lists', record(message(serverNames(hostName('a')), serverNames(hostName('b'))))],
    ['two names', record(message(serverNames(hostName('a'), hostName('b'))))],
    ['no name', record(message(serverNames()))],
    ['a name of another type', record(message(serverNames(hostName('a', 1))))],
    ['a name with what no name has', record(message(serverNames(hostName('a.example\0.evil'))))],
    ['an extension that is cut off', record(message(uint16(0), uint16(9)))],
    [
      'a list that ends early',
      record(message(uint16(0), part(Buffer.concat([part(hostName('a')), Buffer.of(0)])))),
    ],
  ])('is not looked for in %s', (_, bytes) => {
    expect(readServerName(bytes)).toMatchObject({ kind: 'rejected' });
  });

  it('is decided by the time that as many bytes have come as are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (start) => {
        const bytes = Buffer.alloc(CLIENT_HELLO_BYTES_MAX + 5);
        bytes.set([22, 3, 1]);
        bytes.set(start, 3);
        expect(readServerName(bytes).kind).not.toBe('partial');
      }),
    );
  });

  it('is read from damaged bytes without harm', () => {
    const hello = record(message(serverNames(hostName('a.example'))));
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const damaged = Buffer.from(hello);
        damaged[at % damaged.length] = value;
        expect(['partial', 'read', 'rejected']).toContain(readServerName(damaged).kind);
      }),
    );
  });
});
