import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** One end of datagrams: a client, or an endpoint that answers. */
export class UdpParty {
  readonly received: string[] = [];
  /** From where each of them came. */
  readonly froms: RemoteInfo[] = [];
  readonly #socket: Socket;
  #isOpen = true;

  /** @param answer to a datagram, if there is one */
  static async open(
    address = '127.0.0.1',
    port = 0,
    answer: (datagram: string) => string | undefined = () => undefined,
  ): Promise<UdpParty> {
    const socket = createSocket('udp4').bind(port, address);
    await once(socket, 'listening');
    return new UdpParty(socket, answer);
  }

  private constructor(socket: Socket, answer: (datagram: string) => string | undefined) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      this.received.push(datagram.toString());
      this.froms.push(from);
      const text = answer(datagram.toString());
      if (text !== undefined) socket.send(text, from.port, from.address);
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string, port: number): void {
    this.#socket.send(text, port, '127.0.0.1');
  }

  close(): void {
    if (this.#isOpen) this.#socket.close();
    this.#isOpen = false;
  }
}
