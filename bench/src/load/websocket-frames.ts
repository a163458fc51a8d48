/** Messages in one frame each, of at most this many bytes: those whose length fits into the second byte. */
export const MAX_MESSAGE_BYTES = 125;

const BINARY_MESSAGE = 0x82;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** A binary message as an endpoint sends it (RFC 6455, section 5.2). */
export const unmaskedFrame = (message: Uint8Array): Buffer =>
  Buffer.from([BINARY_MESSAGE, message.length, ...message]);

/** The same as a client sends it, masked (section 5.3). */
export const maskedFrame = (message: Uint8Array, mask: Uint8Array): Buffer =>
  Buffer.from([
    BINARY_MESSAGE,
    MASKED | message.length,
    ...mask,
    ...message.map((byte, index) => byte ^ mask[index % MASK_BYTES]!),
  ]);

/** Finds the messages in what one side of a WebSocket sends: short binary messages, which is all that the bench knows. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes bytes as they come. Returns the messages that they complete, unmasked. Throws on any other frame. */
  take(bytes: Buffer): readonly Buffer[] {
    let rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const messages: Buffer[] = [];
    while (rest.length >= 2) {
      const end = frameLength(rest);
      if (rest.length < end) break;
      messages.push(messageOf(rest.subarray(0, end)));
      rest = rest.subarray(end);
    }
    // What came is in a buffer that the socket uses again.
    this.#rest = Buffer.from(rest);
    return messages;
  }
}

function frameLength(frame: Buffer): number {
  const length = frame[1]! & ~MASKED;
  if (frame[0] !== BINARY_MESSAGE || length > MAX_MESSAGE_BYTES)
    throw new Error('not a short binary message');
  return 2 + (isMasked(frame) ? MASK_BYTES : 0) + length;
}

const isMasked = (frame: Buffer): boolean => (frame[1]! & MASKED) !== 0;

function messageOf(frame: Buffer): Buffer {
  if (!isMasked(frame)) return Buffer.from(frame.subarray(2));
  const message = Buffer.from(frame.subarray(2 + MASK_BYTES));
  for (let index = 0; index < message.length; index++) message[index]! ^= frame[2 + (index % MASK_BYTES)]!;
  return message;
}
