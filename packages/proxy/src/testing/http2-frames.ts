/** HTTP/2 byte by byte (RFC 9113 section 4, RFC 7541), for what no library would send. */

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

const TYPES = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  goaway: 7,
  continuation: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;
export const ACK = 1;

/** One frame, as text of one character per byte. */
export function frame(type: keyof typeof TYPES, stream: number, flags = 0, payload = ''): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(TYPES[type], 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return head.toString('latin1') + payload;
}

/** Numbers of four bytes each, as frames carry them. */
export function numbers(...values: readonly number[]): string {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes.toString('latin1');
}

/** Fields, as literals that no table knows. */
export function fields(...list: readonly string[]): string {
  let block = '';
  for (let index = 0; index + 1 < list.length; index += 2)
    block += `\x00${literal(list[index] as string)}${literal(list[index + 1] as string)}`;
  return block;
}

/** A string with its length before it; above 126 bytes the length goes on in further bytes. */
function literal(text: string): string {
  if (text.length < 127) return String.fromCharCode(text.length) + text;
  let length = '\x7f';
  let rest = text.length - 127;
  for (; rest >= 128; rest >>= 7) length += String.fromCharCode((rest & 127) | 128);
  return length + String.fromCharCode(rest) + text;
}
