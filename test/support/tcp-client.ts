import { connect, type Socket } from 'node:net';
import { until } from './until.ts';

/** A client of a tcp listener, which remembers what came. */
export class TcpClient {
  text = '';
  isClosed = false;
  readonly #socket: Socket;

  /** @param localAddress whom it comes from: any 127.x.x.x is an address of this machine */
  constructor(port: number, localAddress = '127.0.0.1') {
    this.#socket = connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('data', (piece) => {
      this.text += piece.toString();
    });
    this.#socket.on('end', () => this.#socket.end());
  }

  send(text: string): void {
    this.#socket.write(text);
  }

  end(): void {
    this.#socket.end();
  }

  async received(part: string): Promise<string> {
    await until(`${part} has come`, () => this.text.includes(part));
    return this.text;
  }

  /** The first line, in which an endpoint says its name; undefined where the connection was broken off before. */
  async name(): Promise<string | undefined> {
    await until('the endpoint has said its name', () => this.text.includes('\n') || this.isClosed);
    return this.text.split('\n')[0] || undefined;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** The endpoint at which a client of this address ends up. */
export async function endpointOf(port: number, localAddress?: string): Promise<string | undefined> {
  const client = new TcpClient(port, localAddress);
  const name = await client.name();
  client.close();
  return name;
}
