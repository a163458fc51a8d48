import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BenchError } from '../bench-error.ts';

/** A connection to Redis that sends one command at a time and reads simple replies and texts, for what no store does. */
export class RedisLine implements Disposable {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<RedisLine> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new RedisLine(socket);
  }

  /** Sends an inline command. Throws a {@link BenchError} where Redis refuses it. */
  async ask(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    let reply = '';
    do {
      const [piece] = (await once(this.#socket, 'data')) as [Buffer];
      reply += piece.toString('latin1');
    } while (!isComplete(reply));
    if (reply.startsWith('-')) throw new BenchError(`${command}: ${reply.slice(1).trim()}`);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function isComplete(reply: string): boolean {
  if (!reply.endsWith('\r\n')) return false;
  const length = /^\$(\d+)\r\n/.exec(reply);
  return length === null || reply.length === length[0].length + Number(length[1]) + 2;
}

/** Has Redis remember the longest of its commands from now on; Redis 6.2 does not know how. */
export async function forgetCommands(line: RedisLine): Promise<void> {
  await line.ask('CONFIG SET latency-tracking-info-percentiles 100');
  await line.ask('CONFIG RESETSTAT');
}

/** How long the longest script kept Redis since then, in milliseconds; 0 where none has run. */
export async function readLongestScriptMs(line: RedisLine): Promise<number> {
  const info = await line.ask('INFO latencystats');
  return Number(/^latency_percentiles_usec_evalsha:p100=([\d.]+)/m.exec(info)?.[1] ?? 0) / 1_000;
}

/** The memory that Redis has taken for its data and itself, in bytes: `used_memory` of INFO. */
export async function readUsedMemory(line: RedisLine): Promise<number> {
  const info = await line.ask('INFO memory');
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}
