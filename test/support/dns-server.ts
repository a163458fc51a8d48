import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  type Question,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
} from 'dns-packet';

/** What a name server says of a name, of whatever type it is asked for. */
export type DnsSays = 'records' | 'nothing' | 'nxdomain' | 'servfail' | 'silence';

const RCODES: Readonly<Partial<Record<DnsSays, number>>> = { servfail: 2, nxdomain: 3 };
/** What fits in a datagram (RFC 1035): more must be asked for by TCP. */
const DATAGRAM_BYTES_MAX = 512;

/** A name server in this process, on UDP and TCP. */
export class DnsServer {
  /** Every question, as `udp A shop.test`. */
  readonly asked: string[] = [];
  readonly #udp: UdpSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();
  #records: readonly Answer[] = [];
  #says: DnsSays = 'records';

  static async start(): Promise<DnsServer> {
    const server = new DnsServer();
    server.#tcp.listen(0, '127.0.0.1');
    await once(server.#tcp, 'listening');
    server.#udp.bind(server.port, '127.0.0.1');
    await once(server.#udp, 'listening');
    return server;
  }

  private constructor() {
    this.#udp = createSocket('udp4', (datagram, { port, address }) => {
      const answer = this.#answer('udp', decode(datagram));
      if (answer === undefined) return;
      const whole = encode(answer);
      const fits = whole.length <= DATAGRAM_BYTES_MAX;
      this.#udp.send(fits ? whole : encode(truncated(answer)), port, address);
    });
    this.#tcp = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('error', () => {}).once('close', () => this.#connections.delete(socket));
      // Each question is small enough to come in one piece.
      socket.on('data', (bytes: Buffer) => {
        const answer = this.#answer('tcp', streamDecode(bytes));
        if (answer !== undefined) socket.write(streamEncode(answer));
      });
    });
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** As a configuration names it. */
  get resolver(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Has a name stand for these IPv4 addresses. */
  setAddresses(name: string, addresses: readonly string[], ttl = 0): void {
    const others = this.#records.filter((record) => record.type !== 'A' || record.name !== name);
    this.#records = [...others, ...addresses.map((data): Answer => ({ type: 'A', name, ttl, data }))];
  }

  /** Has a name stand for these targets, by SRV records. */
  setServices(name: string, services: readonly { target: string; port: number; weight: number }[]): void {
    const others = this.#records.filter((record) => record.type !== 'SRV' || record.name !== name);
    this.#records = [
      ...others,
      ...services.map((data): Answer => ({ type: 'SRV', name, ttl: 0, data: { ...data, priority: 0 } })),
    ];
  }

  /** What it answers from now on, whatever it is asked. */
  say(says: DnsSays): void {
    this.#says = says;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    this.#udp.close();
    await new Promise((resolve) => this.#tcp.close(resolve));
  }

  #answer(by: 'udp' | 'tcp', { id = 0, questions = [] }: Packet): Packet | undefined {
    this.asked.push(...questions.map(({ type, name }) => `${by} ${type} ${name}`));
    if (this.#says === 'silence') return undefined;
    const answers = this.#says === 'records' ? this.#records.filter((record) => fits(record, questions)) : [];
    const flags = AUTHORITATIVE_ANSWER | (RCODES[this.#says] ?? 0);
    return { type: 'response', id, flags, questions, answers };
  }
}

const fits = (record: Answer, questions: readonly Question[]): boolean =>
  questions.some(({ type, name }) => record.type === type && record.name === name);

const truncated = ({ flags = 0, ...packet }: Packet): Packet => ({
  ...packet,
  flags: flags | TRUNCATED_RESPONSE,
  answers: [],
});
