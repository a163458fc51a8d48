import { onTestFinished } from 'vitest';
import { RawConnection } from './raw-connection.ts';
import { until } from './until.ts';

/** A connection of a client on which one request after the other is answered, each with a text that ends a line. */
export class KeptConnection {
  readonly #connection: RawConnection;
  #answers = 0;

  /** Open until the test is over. */
  static async open(port: number): Promise<KeptConnection> {
    const connection = await RawConnection.open(port);
    onTestFinished(() => connection.close());
    return new KeptConnection(connection);
  }

  private constructor(connection: RawConnection) {
    this.#connection = connection;
  }

  /** The answer to one more request, head and body as they came. */
  async ask(path = '/', ...fields: readonly string[]): Promise<string> {
    this.send(path, ...fields);
    return this.answer();
  }

  send(path: string, ...fields: readonly string[]): void {
    this.#connection.send([`GET ${path} HTTP/1.1`, 'Host: shop.test', ...fields]);
  }

  /** The answer to the request that was sent last. */
  async answer(): Promise<string> {
    const number = this.#answers++;
    return until(`answer ${number + 1} is complete`, () => {
      const answer = this.#connection.received.split(/(?=HTTP\/1\.1 \d)/)[number];
      return answer !== undefined && /\r\n\r\n.+\n$/s.test(answer) && answer;
    });
  }
}
