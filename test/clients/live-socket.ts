import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { type RawData, WebSocket } from 'ws';
import { until } from '../support/until.ts';

/** A message as it came out of a WebSocket. */
export interface Message {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/** How a WebSocket ended: 1006 where no close frame came. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** What a client brings along: the cookie of an earlier answer, or whom it trusts. */
export interface LiveSocketOptions extends Pick<ConnectionOptions, 'ca' | 'servername'> {
  readonly cookie?: string;
}

/** An open WebSocket of a client, which remembers everything that came. */
export class LiveSocket {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly servedBy: string | undefined;
  /** The `Set-Cookie` values of the 101. */
  readonly setCookies: readonly string[];
  readonly closed: Promise<Closing>;

  /** Connects and waits for the 101. Rejects if the upgrade is refused. */
  static async open(origin: string, path: string, options: LiveSocketOptions = {}): Promise<LiveSocket> {
    const { cookie, ...others } = options;
    const headers = cookie === undefined ? {} : { cookie };
    const socket = new WebSocket(origin.replace(/^http/, 'ws') + path, { headers, ...others });
    const upgraded = once(socket, 'upgrade') as Promise<[IncomingMessage]>;
    // Frames may come in the same piece as the 101, so nothing may be missed between the two.
    const live = upgraded.then(([response]) => new LiveSocket(socket, response));
    await Promise.all([live, once(socket, 'open')]);
    return live;
  }

  private constructor(socket: WebSocket, { headers }: IncomingMessage) {
    this.socket = socket;
    this.servedBy = headers['x-served-by']?.toString();
    this.setCookies = headers['set-cookie'] ?? [];
    // An error without a listener would end the test's process; `close` tells of it too, as 1006.
    socket.on('error', () => {});
    socket.on('message', (data: RawData, isBinary) => {
      this.messages.push({ data: data as Buffer, isBinary });
    });
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
  }

  /** What the client would send along with its next request. */
  get cookie(): string {
    return this.setCookies[0]?.split(';', 1)[0] ?? '';
  }

  async untilReceived(count: number, deadlineMs?: number): Promise<readonly Message[]> {
    await until(`${count} messages come`, () => this.messages.length >= count, deadlineMs);
    return this.messages;
  }

  /** Sends a text, and waits for the next message. */
  async echo(text: string): Promise<string> {
    const before = this.messages.length;
    this.socket.send(text);
    const messages = await this.untilReceived(before + 1);
    return messages[before]?.data.toString() ?? '';
  }
}

/** The head of a request for a WebSocket, or for another protocol, to be sent by hand. */
export const upgradeRequest = (path: string, protocol = 'websocket'): readonly string[] => [
  `GET ${path} HTTP/1.1`,
  'Host: shop.test',
  'Connection: Upgrade',
  `Upgrade: ${protocol}`,
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
