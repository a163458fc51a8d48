import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { HoldfastNode } from '../support/holdfast-node.ts';

/** One address for many nodes that knows nothing of HTTP: each connection goes to the next node in turn. */
export class RoundRobin {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  static async open(nodes: readonly HoldfastNode[]): Promise<RoundRobin> {
    const balancer = new RoundRobin(nodes);
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    return balancer;
  }

  private constructor(nodes: readonly HoldfastNode[]) {
    this.#server = createServer((client) => {
      const { ports } = nodes[this.#connections++ % nodes.length] as HoldfastNode;
      const node = connect(ports.port, '127.0.0.1');
      this.#tie(client, node);
      this.#tie(node, client);
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that came so far. */
  get connections(): number {
    return this.#connections;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #tie(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
