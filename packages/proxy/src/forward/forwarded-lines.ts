import { FieldKind, type FieldSection, type FieldSet, fieldLine, fieldSet } from '../codec/index.ts';
import type { RequestHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import { clientAddress, type TrustedProxies } from './trusted-proxies.ts';

/** What the request's way to us was, and the field lines that tell the endpoint. */
export interface Forwarded {
  readonly lines: string;
  /** The client's address, as far as trusted proxies tell. */
  readonly clientAddress: string;
  /** Whether the client's connection was TLS, here or at a trusted proxy. */
  readonly isSecure: boolean;
}

const FORWARDED_FIELDS: FieldSet = fieldSet(
  'forwarded',
  'xForwardedFor',
  'xForwardedHost',
  'xForwardedPort',
  'xForwardedProto',
);

/**
 * `X-Forwarded-*` and `Forwarded` (RFC 7239). What a client says of itself is replaced; what a trusted proxy says of
 * its client is believed and extended.
 */
export function forwardedOf(request: RequestHead, peer: Peer, trusted: TrustedProxies): Forwarded {
  const { fields, host } = request;
  const hasForwarded = (fields.kinds & FORWARDED_FIELDS) !== 0;
  if (hasForwarded && trusted.has(peer.address)) return extended(fields, host, peer, trusted);
  // All requests of a connection come the same way, and nearly all are for one host.
  if (peer.forwarded?.host !== host) {
    peer.forwarded = {
      host,
      lines: flat(linesOf(peer.address, schemeOf(peer), host, String(peer.localPort), undefined, peer)),
    };
  }
  return { lines: peer.forwarded.lines, clientAddress: peer.address, isSecure: peer.isTls };
}

function extended(fields: FieldSection, host: string, peer: Peer, trusted: TrustedProxies): Forwarded {
  const forwardedFor = joined(fields, FieldKind.xForwardedFor);
  const proto = (joined(fields, FieldKind.xForwardedProto) ?? schemeOf(peer)).toLowerCase();
  const lines = linesOf(
    append(forwardedFor, peer.address),
    proto,
    joined(fields, FieldKind.xForwardedHost) ?? host,
    joined(fields, FieldKind.xForwardedPort) ?? String(peer.localPort),
    givenForwarded(fields),
    peer,
  );
  return {
    lines,
    clientAddress: clientAddress(peer.address, forwardedFor, trusted),
    isSecure: proto === 'https',
  };
}

/** Text in which every quoted string ends (RFC 9110 section 5.6.4). */
const BALANCED = /^(?:[^"\\]|"(?:[^"\\]|\\.)*")*$/;

/** What a trusted proxy passes on may be a client's text: behind a quote that it left open nobody would read our hop. */
function givenForwarded(fields: FieldSection): string | undefined {
  const given = joined(fields, FieldKind.forwarded);
  return given !== undefined && BALANCED.test(given) ? given : undefined;
}

const schemeOf = (peer: Peer): string => (peer.isTls ? 'https' : 'http');

/** The same text in one piece: what is sent again and again is not put together each time from the twenty it is made of. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

function linesOf(
  forwardedFor: string,
  proto: string,
  host: string,
  port: string,
  forwarded: string | undefined,
  peer: Peer,
): string {
  return (
    fieldLine('X-Forwarded-For', forwardedFor) +
    fieldLine('X-Forwarded-Proto', proto) +
    fieldLine('X-Forwarded-Host', host) +
    fieldLine('X-Forwarded-Port', port) +
    fieldLine('Forwarded', append(forwarded, forwardedElement(peer.address, host, proto)))
  );
}

/** All values of a kind as one list (RFC 9110 section 5.3). */
export function joined(fields: FieldSection, kind: FieldKind): string | undefined {
  let value: string | undefined;
  for (let index = fields.indexOf(kind); index >= 0; index = fields.indexOf(kind, index + 1)) {
    value = append(value, fields.value(index));
  }
  return value;
}

export const append = (list: string | undefined, item: string): string =>
  list === undefined || list === '' ? item : `${list}, ${item}`;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** One hop in the words of RFC 7239: what is no token is quoted, an IPv6 address in brackets as well. */
function forwardedElement(address: string, host: string, proto: string): string {
  const node = address.includes(':') ? `"[${address}]"` : address;
  const quotedHost = TOKEN.test(host) ? host : `"${host.replaceAll(/["\\]/g, '\\$&')}"`;
  return `for=${node};host=${quotedHost};proto=${TOKEN.test(proto) ? proto : 'http'}`;
}
