import { connect, type Socket } from 'node:net';
import { SERVED_BY } from '../endpoints/endpoints.ts';
import type { Origin } from '../machine/origin.ts';
import { AnswerReader } from './answer-reader.ts';
import { formatRequest } from './browser-request.ts';
import type { WarmSession } from './sessions.ts';

const CONCURRENCY = 64;

/** Connections that have each served one request of a session and stay open. Disposing of it closes them. */
export class IdleConnections implements Disposable {
  readonly #origin: Origin;
  readonly #sessions: readonly WarmSession[];
  readonly #sockets: Socket[] = [];
  #failed = 0;
  #moved = 0;

  constructor(origin: Origin, sessions: readonly WarmSession[]) {
    this.#origin = origin;
    this.#sessions = sessions;
  }

  /** Connections whose request got no good answer, and those that have been closed meanwhile. */
  get failed(): number {
    return this.#failed + this.#sockets.filter(({ readyState }) => readyState !== 'open').length;
  }

  /** Connections whose request another endpoint answered than that of its session. */
  get moved(): number {
    return this.#moved;
  }

  /** Opens connections until there are `count`. */
  async growTo(count: number): Promise<void> {
    const worker = async (): Promise<void> => {
      while (this.#sockets.length < count) await this.#open(this.#sockets.length);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  }

  #open(index: number): Promise<void> {
    const session = this.#sessions[index % this.#sessions.length]!;
    const socket = connect({ host: '127.0.0.1', port: this.#origin.port, noDelay: true });
    this.#sockets.push(socket);
    socket.write(formatRequest(session.cookie, {}));
    const reader = new AnswerReader();
    return new Promise((resolve) => {
      // It is not open then, which counts.
      socket.once('close', () => resolve());
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes: Buffer) => {
        const answer = reader.take(bytes);
        if (answer === undefined) return;
        if (answer.status !== 200) this.#failed += 1;
        else if (servedBy(answer.head) !== session.endpoint) this.#moved += 1;
        resolve();
      });
    });
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

const servedBy = (head: string): string | undefined =>
  new RegExp(`\\r\\n${SERVED_BY}: *(\\S+)`, 'i').exec(head)?.[1];
