import { type AddressInfo, createServer, type Server } from 'node:net';
import { eventually } from '@holdfast/store/testing';
import { TestSocket } from './test-socket.ts';

/** An endpoint that is nothing but a listening socket: the test answers byte by byte. */
export class TestEndpoint {
  /** The connections in the order in which they came. */
  readonly connections: TestSocket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.connections.push(new TestSocket(socket)));
  }

  /** Listens on a port that the system chooses. */
  static open(): Promise<TestEndpoint> {
    return new Promise((resolve) => {
      const server = createServer({ allowHalfOpen: true });
      const endpoint = new TestEndpoint(server);
      server.listen(0, '127.0.0.1', () => resolve(endpoint));
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The connection of that number, from 1, once it is there. */
  async connection(number: number): Promise<TestSocket> {
    await eventually(`connection ${number}`, () => this.connections.length >= number);
    return this.connections[number - 1] as TestSocket;
  }

  close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
