import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { EndpointAddress } from './node-config.ts';

/** A tcp endpoint in this process, which can be ended and started again on the same port. */
export class TcpEndpoint {
  readonly id: string;
  readonly connections = new Set<Socket>();
  readonly #serve: (socket: Socket, id: string) => void;
  #port = 0;
  #server: Server | undefined;

  constructor(id: string, serve: (socket: Socket, id: string) => void = sayName) {
    this.id = id;
    this.#serve = serve;
  }

  get address(): EndpointAddress {
    return { id: this.id, url: `tcp://127.0.0.1:${this.#port}` };
  }

  async start(): Promise<this> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.connections.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.connections.delete(socket));
      this.#serve(socket, this.id);
    });
    this.#server = server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** As the death of its process would: connections are reset, and new ones refused. */
  async kill(): Promise<void> {
    for (const socket of this.connections) socket.resetAndDestroy();
    if (this.#server?.listening !== true) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Says its name to everybody, and then what it is told. */
function sayName(socket: Socket, id: string): void {
  socket.write(`${id}\n`);
  socket.pipe(socket);
}
