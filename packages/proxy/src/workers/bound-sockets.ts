import type { ListenAddress } from '@holdfast/shared/config';
import { type BoundSocket, bindSocket } from './bound-socket.ts';

/** The sockets of a node, open for as long as it wants them, whatever becomes of the workers that accept on them. */
export class BoundSockets {
  readonly #byKey = new Map<string, Promise<BoundSocket>>();

  /**
   * The socket of that key, bound to the address if there is none yet.
   *
   * @throws AddressRefused if the address cannot be had; it may be asked for again
   */
  obtain(key: string, address: ListenAddress): Promise<BoundSocket> {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const bound = bindSocket(address);
    this.#byKey.set(key, bound);
    bound.catch(() => this.#byKey.delete(key));
    return bound;
  }

  /** The address of a socket that has been obtained. */
  async addressOf(key: string): Promise<ListenAddress | undefined> {
    return (await this.#byKey.get(key))?.address;
  }

  /** Closes all others. Who accepts on one of them has it open until it closes it too. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, bound] of this.#byKey) {
      if (keys.has(key)) continue;
      this.#byKey.delete(key);
      bound.then(
        (socket) => socket.close(),
        () => {},
      );
    }
  }
}
