import { keepPiece, passOnPiece, SMALL_PIECE_BYTES } from '../socket/direct-read.ts';

/** What bytes are sent to: the part of a socket that matters here. */
export interface ByteSink {
  write(text: string, encoding: 'latin1'): boolean;
  write(bytes: Uint8Array): boolean;
  /** How many bytes wait to be sent. */
  readonly writableLength: number;
  cork(): void;
  uncork(): void;
}

/**
 * Text and buffers on their way to a socket, gathered so that a head, a body and what is around it become one write:
 * each write is a system call and a packet.
 *
 * Small buffers become part of the text, one character per byte, which Node hands to the kernel without another buffer
 * in between; they may be written to again at once. Large ones are sent as they are.
 */
export class Outgoing {
  #text = '';
  /** What comes before the text; only large buffers and what was before them. */
  readonly #parts: (string | Buffer)[] = [];

  /** Adds text of one character per byte. */
  addText(text: string): void {
    this.#text += text;
  }

  /** Adds a buffer; a large one must not be written to until it is sent. */
  addBytes(bytes: Buffer): void {
    if (bytes.length <= SMALL_PIECE_BYTES) {
      this.#text += bytes.toString('latin1');
      return;
    }
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
    this.#parts.push(bytes);
  }

  /** Sends all that was added. False: the sink wants no more before it has drained. */
  sendTo(sink: ByteSink): boolean {
    const text = this.#text;
    this.#text = '';
    if (this.#parts.length > 0) return sendAll(sink, this.#parts.splice(0), text);
    return text === '' || sink.write(text, 'latin1');
  }
}

function sendAll(sink: ByteSink, parts: readonly (string | Buffer)[], last: string): boolean {
  sink.cork();
  let isReady = true;
  for (const part of parts)
    isReady = typeof part === 'string' ? sink.write(part, 'latin1') : sink.write(part);
  if (last !== '') isReady = sink.write(last, 'latin1');
  sink.uncork();
  const isSent = sink.writableLength === 0;
  for (const part of parts) {
    if (typeof part === 'string') continue;
    if (isSent) passOnPiece(part);
    else keepPiece(part);
  }
  return isReady;
}
