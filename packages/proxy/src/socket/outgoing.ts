import { passOnPiece, queuePiece, SMALL_PIECE_BYTES, sentPiece } from './direct-read.ts';
import { sendWithBatch } from './write-batch.ts';

/** What bytes are sent to: the part of a socket that matters here. */
export interface ByteSink {
  write(text: string, encoding: 'latin1'): boolean;
  write(bytes: Uint8Array): boolean;
  /** How many bytes wait to be sent. */
  readonly writableLength: number;
  /** Whether a write was answered with false, and the sink has not drained since. */
  readonly writableNeedDrain: boolean;
  cork(): void;
  uncork(): void;
}

/** Who is told when something has gone out. */
export interface SendingOwner {
  /** @param isReady whether the sink wants more before it has drained */
  onSent(isReady: boolean): void;
}

/**
 * Text and buffers on their way to a socket, gathered so that a head, a body and what is around it become one write:
 * each write is a system call and a packet.
 *
 * Small buffers become part of the text, one character per byte, which Node hands to the kernel without another buffer
 * in between; they may be written to again at once. Large ones are sent as they are.
 */
export class Outgoing {
  readonly #sink: ByteSink;
  readonly #owner: SendingOwner;
  #text = '';
  /** What comes before the text; only large buffers and what was before them. */
  readonly #parts: (string | Buffer)[] = [];
  /** Whether it goes out with the batch. */
  #isDue = false;

  constructor(sink: ByteSink, owner: SendingOwner) {
    this.#sink = sink;
    this.#owner = owner;
  }

  /** Adds text of one character per byte. */
  addText(text: string): void {
    this.#text += text;
  }

  /** Adds a buffer; a large one must not be written to until it is sent. */
  addBytes(bytes: Buffer): void {
    if (bytes.length <= SMALL_PIECE_BYTES) {
      this.#text += bytes.toString('latin1');
      passOnPiece(bytes);
      return;
    }
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
    this.#parts.push(bytes);
    queuePiece(bytes);
  }

  /**
   * Sends what was added: large buffers and what is with them now, else at the end of this pass of the event loop, together
   * with what is added until then. False: the sink wants no more before it has drained.
   */
  send(): boolean {
    if (this.#parts.length > 0) return this.sendNow();
    if (this.#text !== '' && !this.#isDue) {
      this.#isDue = true;
      sendWithBatch(this);
    }
    return !this.#sink.writableNeedDrain;
  }

  sendDue(): void {
    if (this.#isDue) this.sendNow();
  }

  /** Sends what was added without delay, for one who is about to close the sink. */
  sendNow(): boolean {
    this.#isDue = false;
    const text = this.#text;
    if (text === '' && this.#parts.length === 0) return true;
    this.#text = '';
    const isReady =
      this.#parts.length > 0
        ? sendAll(this.#sink, this.#parts.splice(0), text)
        : this.#sink.write(text, 'latin1');
    this.#owner.onSent(isReady);
    return isReady;
  }

  /** Forgets what has not been sent. */
  drop(): void {
    this.#isDue = false;
    this.#text = '';
    this.#parts.length = 0;
  }
}

function sendAll(sink: ByteSink, parts: readonly (string | Buffer)[], last: string): boolean {
  sink.cork();
  let isReady = true;
  for (const part of parts)
    isReady = typeof part === 'string' ? sink.write(part, 'latin1') : sink.write(part);
  if (last !== '') isReady = sink.write(last, 'latin1');
  sink.uncork();
  if (sink.writableLength > 0) return isReady;
  for (const part of parts) if (typeof part !== 'string') sentPiece(part);
  return isReady;
}
