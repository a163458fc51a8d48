import { describe, expect, it } from 'vitest';
import { MessageReader, maskedFrame, unmaskedFrame } from './websocket-frames.ts';

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

describe('a WebSocket message', () => {
  it('is masked as RFC 6455, section 5.7, shows', () => {
    expect(maskedFrame(Buffer.from('Hello'), MASK).toString('hex')).toBe('828537fa213d7f9f4d5158');
    expect(unmaskedFrame(Buffer.from('Hello')).toString('hex')).toBe('820548656c6c6f');
  });

  it.each([
    {
      side: 'the client',
      bytes: [maskedFrame(Buffer.from('one'), MASK), maskedFrame(Buffer.from('two'), MASK)],
    },
    { side: 'the endpoint', bytes: [unmaskedFrame(Buffer.from('one')), unmaskedFrame(Buffer.from('two'))] },
  ])('of $side is read wherever its bytes were cut', ({ bytes }) => {
    const stream = Buffer.concat(bytes);
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new MessageReader();
      const messages = [...reader.take(stream.subarray(0, cut)), ...reader.take(stream.subarray(cut))];

      expect(messages.map(String)).toEqual(['one', 'two']);
    }
  });

  it.each([
    { frame: 'a text', bytes: [0x81, 0x00] },
    { frame: 'a long message', bytes: [0x82, 0x7e, 0x00] },
  ])('is not $frame', ({ bytes }) => {
    expect(() => new MessageReader().take(Buffer.from(bytes))).toThrow('not a short binary message');
  });
});
