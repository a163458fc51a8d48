import { io, type Socket } from 'socket.io-client';

type Options = Parameters<typeof io>[1];

/** Long polls go one connection each, so that each goes to another node than the one before. */
const POLLING_FIRST = { transports: ['polling', 'websocket'], forceNew: true, reconnection: false };

/** A Socket.IO client, and what became of it. */
export class Member {
  readonly socket: Socket;
  /** Connections that could not be made, or that ended. */
  readonly troubles: string[] = [];
  /** Endpoints that have answered. */
  readonly answeredBy = new Set<string>();
  /** The numbers of the events that came to everybody. */
  readonly storm: number[] = [];

  constructor(origin: string, options: Options) {
    this.socket = io(origin, { ...POLLING_FIRST, ...options });
    this.socket.on('connect_error', ({ message }) => this.troubles.push(message));
    this.socket.on('disconnect', (reason) => this.troubles.push(reason));
    this.socket.on('storm', (event: number) => this.storm.push(event));
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  get transport(): string {
    return this.socket.io.engine.transport.name;
  }

  /** Sends texts one after the other, each when the one before has come back, and answers with what came. */
  async converse(texts: readonly string[]): Promise<readonly string[]> {
    const echoes: string[] = [];
    for (const text of texts) echoes.push(await this.#echo(text));
    return echoes;
  }

  leave(): void {
    this.socket.removeAllListeners().disconnect();
  }

  #echo(text: string): Promise<string> {
    return new Promise((resolve) => {
      this.socket.emit('echo', text, (echoed: string, endpoint: string) => {
        this.answeredBy.add(endpoint);
        resolve(echoed);
      });
    });
  }
}
