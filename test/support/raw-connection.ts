import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** A connection on which a test writes HTTP by hand, and sees every byte that comes back. */
export class RawConnection {
  readonly socket: Socket;
  #received = '';
  #isEnded = false;
  #error: NodeJS.ErrnoException | undefined;

  static async open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    const socket = connect({ port, host, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
    });
    socket.on('end', () => {
      this.#isEnded = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#error = error;
    });
    socket.on('close', () => {
      this.#isEnded = true;
    });
  }

  /** What has come so far, as latin1. */
  get received(): string {
    return this.#received;
  }

  /** Whether the other side has ended the connection. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Why the connection broke, if it did. */
  get errorCode(): string | undefined {
    return this.#error?.code;
  }

  /** Writes lines of a head, each with its CRLF, an empty line, and the body. */
  send(head: readonly string[], body = ''): void {
    this.socket.write(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1');
  }

  async untilReceived(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> {
    return until(`${pattern} comes`, () => pattern.exec(this.#received) ?? undefined, deadlineMs);
  }

  async untilEnded(deadlineMs?: number): Promise<void> {
    await until('the connection ends', () => this.#isEnded, deadlineMs);
  }

  close(): void {
    this.socket.destroy();
  }
}
