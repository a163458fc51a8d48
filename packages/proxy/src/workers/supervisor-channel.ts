import { readSupervisorMessage, type SupervisorMessage, type WorkerMessage } from './messages.ts';

/** The way to the supervisor of this process. */
export interface SupervisorChannel {
  /** Says something, unless the supervisor is gone. Settles when it is on its way, and never rejects. */
  send(message: WorkerMessage): Promise<void>;
  /** Has `take` hear what the supervisor says, with the socket that came beside it. */
  listen(take: (message: SupervisorMessage, socket: unknown) => void): void;
  /** Settles when the supervisor is gone. */
  readonly lost: Promise<void>;
}

/** The channel that a process was started with. */
export function processChannel(): SupervisorChannel {
  const lost = Promise.withResolvers<void>();
  process.once('disconnect', () => lost.resolve());
  if (!process.connected) lost.resolve();
  // Waiting for the supervisor is what a worker does before it has anything else to do.
  process.channel?.ref();
  return {
    send: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(message, undefined, {}, () => resolve());
        else resolve();
      }),
    listen: (take) => {
      process.on('message', (message, socket) => {
        const known = readSupervisorMessage(message);
        if (known !== undefined) take(known, socket);
      });
    },
    lost: lost.promise,
  };
}
