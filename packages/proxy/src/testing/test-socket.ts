import { connect, type Socket } from 'node:net';
import { eventually } from '@holdfast/store/testing';

/** One end of a real TCP connection, in the hands of a test: what it sends is what is sent. */
export class TestSocket {
  /** All that has arrived, one character per byte. */
  text = '';
  /** Whether the other end sends nothing more. */
  hasEnded = false;
  isClosed = false;
  /** The code of the error that ended the connection: `ECONNRESET` after a reset. */
  error: string | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece) => {
      this.text += piece.toString('latin1');
    });
    socket.on('end', () => {
      this.hasEnded = true;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      this.error = error.code;
    });
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  /** A connection to a port of this machine; half-open, so that its two directions end one by one. */
  static connect(port: number): Promise<TestSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new TestSocket(socket));
      });
    });
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Sends nothing more. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Takes nothing in until {@link resume}; what arrives fills the buffers of the system. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Takes what has arrived, so that the next look finds only what is new. */
  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }

  /** Waits for text to arrive that contains `part`, and answers all of it. */
  async received(part: string): Promise<string> {
    await eventually(`${JSON.stringify(part)} in ${JSON.stringify(this.text)}`, () =>
      this.text.includes(part),
    );
    return this.text;
  }

  /** Waits for the other end to send nothing more, and answers all that it sent. */
  async ended(): Promise<string> {
    await eventually('the connection ends', () => this.hasEnded || this.isClosed);
    return this.text;
  }
}
