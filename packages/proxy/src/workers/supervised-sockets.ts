import { formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import type { Listenable, SocketSource } from '../socket/socket-source.ts';
import { AddressRefused } from './bound-socket.ts';
import type { SupervisorMessage } from './messages.ts';
import type { SupervisorChannel } from './supervisor-channel.ts';

/**
 * What a socket is known by: its address, so that a listener may take over that of another one. Where the system
 * chooses the port it is the listener's own.
 */
export const socketKey = (listener: string, address: ListenAddress): string =>
  address.port === 0 ? `${listener} ${formatListenAddress(address)}` : formatListenAddress(address);

/** Gets from the supervisor the sockets that it keeps open for all workers. */
export class SupervisedSockets implements SocketSource {
  readonly isShared = true;
  readonly #channel: SupervisorChannel;
  readonly #wanted = new Map<string, PromiseWithResolvers<Listenable>>();

  constructor(channel: SupervisorChannel) {
    this.#channel = channel;
  }

  /** @throws AddressRefused if the supervisor cannot have the address */
  socketFor(listener: string, address: ListenAddress): Promise<Listenable> {
    const key = socketKey(listener, address);
    const wanted = Promise.withResolvers<Listenable>();
    this.#wanted.set(key, wanted);
    this.#channel.send({ kind: 'want-socket', key, address });
    return wanted.promise;
  }

  /** Takes in the supervisor's answer. */
  answered({ key, refusal }: Extract<SupervisorMessage, { kind: 'socket' }>, socket: unknown): void {
    const wanted = this.#wanted.get(key);
    this.#wanted.delete(key);
    if (refusal === undefined) wanted?.resolve({ _handle: socket });
    else wanted?.reject(new AddressRefused(refusal.code, refusal.message));
  }
}
