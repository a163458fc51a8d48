import { describe, expect, it } from 'vitest';
import { classify, FieldKind, fieldName, fieldSet, recognisedKinds } from './field-kind.ts';
import type { FieldSection } from './field-section.ts';
import { RequestHeadParser } from './request-head.ts';

function fieldsOf(...lines: readonly string[]): FieldSection {
  const bytes = Buffer.from(
    `GET / HTTP/1.1\r\nHost: a\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`,
    'latin1',
  );
  const head = new RequestHeadParser();
  expect(head.feed(bytes, 0, bytes.length)).toBe('complete');
  return head.fields;
}

const kindOf = (name: string): number => classify(Buffer.from(`\r\n${name}: x`), 2, 2 + name.length);

describe('a field name', () => {
  it.each(recognisedKinds)('is recognised in any letter case: %s', (kind) => {
    const name = fieldName(kind);
    expect(kindOf(name)).toBe(FieldKind[kind]);
    expect(kindOf(name.toUpperCase())).toBe(FieldKind[kind]);
  });

  it.each(recognisedKinds)('is not recognised with a letter more, less or other: %s', (kind) => {
    const name = fieldName(kind);
    for (const other of [
      `${name}s`,
      `x${name}`,
      `${name.slice(0, -1)}#`,
      `#${name.slice(1)}`,
      name.slice(1) || 'q',
    ]) {
      expect(kindOf(other)).toBe(FieldKind.ordinary);
    }
  });

  // Traefik CVE-2026-33433: application servers read x_forwarded_for as X-Forwarded-For.
  it.each(recognisedKinds.filter((kind) => fieldName(kind).includes('-')))(
    'is an alias with _ for -: %s',
    (kind) => {
      expect(kindOf(fieldName(kind).replace('-', '_'))).toBe(FieldKind.alias);
      expect(kindOf(fieldName(kind).replaceAll('-', '_').toUpperCase())).toBe(FieldKind.alias);
    },
  );
});

describe('looking up', () => {
  const fields = fieldsOf('X-Session: 1', 'Cookie: a', 'x-session: 2', 'cookie: b', 'X_Session: 3');

  it('finds every field of a kind, in order', () => {
    const first = fields.indexOf(FieldKind.cookie);
    const second = fields.indexOf(FieldKind.cookie, first + 1);
    expect([fields.value(first), fields.value(second)]).toEqual(['a', 'b']);
    expect(fields.indexOf(FieldKind.cookie, second + 1)).toBe(-1);
    expect(fields.indexOf(FieldKind.via)).toBe(-1);
  });

  it('finds every field of a name in any letter case, and takes no _ for -', () => {
    const first = fields.find('x-session');
    const second = fields.find('x-session', first + 1);
    expect([fields.value(first), fields.name(second)]).toEqual(['1', 'x-session']);
    expect(fields.find('x-session', second + 1)).toBe(-1);
    expect(fields.find('x-sess')).toBe(-1);
  });
});

describe('copying', () => {
  it('keeps the bytes of what it keeps and drops whole lines', () => {
    const fields = fieldsOf('A: 1', 'Connection: close', 'b: \xe4,  2', 'C: 3', 'Via: x');
    expect(fields.copy(fieldSet('connection', 'via'))).toBe('Host: a\r\nA: 1\r\nb: \xe4,  2\r\nC: 3\r\n');
    expect(fields.copy(fieldSet('host'))).toBe(
      'A: 1\r\nConnection: close\r\nb: \xe4,  2\r\nC: 3\r\nVia: x\r\n',
    );
    expect(fields.copy(0)).toContain('Via: x\r\n');
  });

  it('writes lines with other blanks anew, so that an endpoint sees one form only', () => {
    const fields = fieldsOf('A:1', 'B:  2', 'C: 3 ', 'D:', 'E:\t5', 'Via:x');
    expect(fields.copy(fieldSet('via'))).toBe('Host: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: \r\nE: 5\r\n');
  });

  it('copies nothing where everything is dropped', () => {
    expect(fieldsOf().copy(fieldSet('host'))).toBe('');
  });

  it('holds for more fields than there was room for at first', () => {
    const lines = Array.from({ length: 99 }, (_, index) => `X-${index}: ${index}`);
    const fields = fieldsOf(...lines);
    expect(fields.copy(fieldSet('host'))).toBe(lines.map((line) => `${line}\r\n`).join(''));
    expect([fields.name(98), fields.value(98), fields.count]).toEqual(['X-97', '97', 100]);
  });
});

describe('nomination by Connection', () => {
  const dropped = fieldSet('nominated', 'connection', 'alias');

  it('marks the ordinary fields that it names, every one, in any letter case', () => {
    const fields = fieldsOf(
      'X-Trace: 1',
      'Connection: keep-alive, x-TRACE',
      'x-trace:2',
      'Connection: accept',
      'Accept: */*',
    );
    expect(fields.copy(dropped)).toBe('Host: a\r\n');
  });

  // Traefik CVE-2024-45410, hono CVE-2026-71849: a client must not be able to remove what proxies rely on.
  it('cannot take away a field that the proxy has rules for', () => {
    const nominated = 'Connection: host, x-forwarded-for, forwarded, cookie, content-length';
    const fields = fieldsOf(
      'Cookie: a',
      'X-Forwarded-For: 1',
      'Forwarded: for=1',
      'Content-Length: 0',
      nominated,
    );
    expect(fields.indexOf(FieldKind.nominated)).toBe(-1);
    expect(fields.copy(dropped)).toBe(
      'Host: a\r\nCookie: a\r\nX-Forwarded-For: 1\r\nForwarded: for=1\r\nContent-Length: 0\r\n',
    );
  });

  it('does not outlive the request that made it', () => {
    const head = new RequestHeadParser();
    for (const connection of ['x-a', 'keep-alive']) {
      const bytes = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\nConnection: ${connection}\r\nX-A: b\r\n\r\n`);
      head.feed(bytes, 0, bytes.length);
    }
    expect(head.fields.copy(dropped)).toBe('Host: a\r\nX-A: b\r\n');
  });
});
