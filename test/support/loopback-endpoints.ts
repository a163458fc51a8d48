import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * As many endpoints as there are addresses 127.x.x.x, all at one port and in this process: each tells by
 * `X-Served-By` which of them was asked.
 */
export class LoopbackEndpoints {
  readonly #server: Server;

  static async start(): Promise<LoopbackEndpoints> {
    const endpoints = new LoopbackEndpoints();
    endpoints.#server.listen(0, '0.0.0.0');
    await once(endpoints.#server, 'listening');
    return endpoints;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      const moved = request.headers['holdfast-session-moved'];
      if (moved !== undefined) response.setHeader('X-Saw-Moved', moved);
      response.setHeader('X-Served-By', request.socket.localAddress ?? '').end('ok\n');
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
