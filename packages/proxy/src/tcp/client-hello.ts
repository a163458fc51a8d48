import { ByteCursor } from './byte-cursor.ts';

/**
 * What the first bytes of a connection say of the name that a TLS client asks for.
 *
 * - `partial`: more bytes decide
 * - `read`: undefined where the client asks for no name, or does not speak TLS
 * - `rejected`: the beginning of TLS, and no valid one; `reason` is for the log
 */
export type ServerNameReading =
  | { readonly kind: 'partial' }
  | { readonly kind: 'read'; readonly serverName: string | undefined }
  | { readonly kind: 'rejected'; readonly reason: string };

/** The longest ClientHello that is read, with its record headers: what one record may hold. */
export const CLIENT_HELLO_BYTES_MAX = 16 * 1024;

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const MAJOR_VERSION = 3;
const RECORD_HEADER_BYTES = 5;
const RECORD_BYTES_MAX = 16 * 1024;
const MESSAGE_HEADER_BYTES = 4;
const RANDOM_BYTES = 32;
const SERVER_NAME = 0;
const HOST_NAME = 0;
const NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

const PARTIAL: ServerNameReading = { kind: 'partial' };
const rejected = (reason: string): ServerNameReading => ({ kind: 'rejected', reason });

/** Finds the server name (RFC 6066 section 3) in a ClientHello, which may come in several records (RFC 8446 section 5.1). */
export function readServerName(bytes: Buffer): ServerNameReading {
  if (bytes.length === 0) return PARTIAL;
  if (bytes[0] !== HANDSHAKE) return { kind: 'read', serverName: undefined };
  const message = messageIn(bytes);
  if (!Buffer.isBuffer(message)) return message;
  return readClientHello(message);
}

/** The first handshake message without its header, put together from the records that it comes in. */
function messageIn(bytes: Buffer): Buffer | ServerNameReading {
  const fragments: Buffer[] = [];
  let collected = 0;
  let messageBytes: number | undefined;
  for (let at = 0; ; ) {
    if (at >= CLIENT_HELLO_BYTES_MAX) return rejected('a ClientHello that is too long');
    if (at < bytes.length && bytes[at] !== HANDSHAKE) return rejected('a record that is no handshake');
    if (at + 1 < bytes.length && bytes[at + 1] !== MAJOR_VERSION) return rejected('an unknown version');
    if (bytes.length < at + RECORD_HEADER_BYTES) return PARTIAL;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > RECORD_BYTES_MAX) return rejected('a record of a wrong length');
    const fragment = bytes.subarray(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length);
    if (at === 0 && fragment.length > 0 && fragment[0] !== CLIENT_HELLO)
      return rejected('a handshake without ClientHello');
    fragments.push(fragment);
    collected += fragment.length;
    messageBytes ??= messageBytesOf(fragments, collected);
    if (messageBytes !== undefined && messageBytes > CLIENT_HELLO_BYTES_MAX)
      return rejected('a ClientHello that is too long');
    if (messageBytes !== undefined && collected >= messageBytes)
      return Buffer.concat(fragments).subarray(MESSAGE_HEADER_BYTES, messageBytes);
    if (fragment.length < length) return PARTIAL;
    at += RECORD_HEADER_BYTES + length;
  }
}

/** The length of the message with its header, once that is there: each record may hold as little as a byte of it. */
const messageBytesOf = (fragments: readonly Buffer[], collected: number): number | undefined =>
  collected < MESSAGE_HEADER_BYTES
    ? undefined
    : MESSAGE_HEADER_BYTES + Buffer.concat(fragments, MESSAGE_HEADER_BYTES).readUIntBE(1, 3);

function readClientHello(message: Buffer): ServerNameReading {
  const hello = new ByteCursor(message);
  hello.number(2);
  hello.take(RANDOM_BYTES);
  const sessionId = hello.part(1);
  const cipherSuites = hello.part(2);
  const compressions = hello.part(1);
  if (sessionId === undefined || cipherSuites === undefined || compressions === undefined)
    return rejected('a ClientHello that is too short');
  // Extensions came with TLS 1.2 (RFC 5246 section 7.4.1.2).
  if (hello.isAtEnd) return { kind: 'read', serverName: undefined };
  const extensions = hello.part(2);
  if (extensions === undefined || !hello.isAtEnd) return rejected('extensions of a wrong length');
  return readExtensions(new ByteCursor(extensions));
}

function readExtensions(extensions: ByteCursor): ServerNameReading {
  let names: Buffer | undefined;
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = extensions.part(2);
    if (data === undefined) return rejected('an extension of a wrong length');
    if (type !== SERVER_NAME) continue;
    if (names !== undefined) return rejected('two lists of server names');
    names = data;
  }
  return names === undefined ? { kind: 'read', serverName: undefined } : readNames(new ByteCursor(names));
}

/** A list with one host name is all that there is: no other type of name was ever defined. */
function readNames(data: ByteCursor): ServerNameReading {
  const list = data.part(2);
  if (list === undefined || !data.isAtEnd) return rejected('a list of server names of a wrong length');
  const names = new ByteCursor(list);
  const type = names.number(1);
  const serverName = names.part(2)?.toString('latin1').toLowerCase();
  if (type !== HOST_NAME || serverName === undefined || !names.isAtEnd)
    return rejected('a list of other than one host name');
  return NAME.test(serverName) ? { kind: 'read', serverName } : rejected('a malformed host name');
}
