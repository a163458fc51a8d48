import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { HoldfastNode } from '../support/holdfast-node.ts';

/**
 * One address for many nodes that knows nothing of HTTP: each connection goes to the next node in turn that takes it.
 */
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
      this.#sockets.add(client);
      client.on('error', () => {}).once('close', () => this.#sockets.delete(client));
      this.#pass(client, nodes, this.#connections++);
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

  #pass(client: Socket, nodes: readonly HoldfastNode[], turn: number, tries = nodes.length): void {
    const { ports } = nodes[turn % nodes.length] as HoldfastNode;
    const node = connect(ports.port, '127.0.0.1');
    const tryNext = (): void => {
      if (tries > 1 && !client.destroyed) this.#pass(client, nodes, turn + 1, tries - 1);
      else client.destroy();
    };
    node.once('error', tryNext).once('connect', () => {
      node.off('error', tryNext);
      tie(client, node);
      tie(node, client);
      if (client.destroyed) node.destroy();
    });
  }
}

function tie(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy()).once('close', () => to.destroy());
}
