import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection that may wait before nothing more is read: from then on TCP holds the client back. */
const WAITING_MAX = 16;

const waiting = new WeakMap<Socket, number>();

/**
 * Whether a request may be served. Node's server reads ahead: where a client does not wait for its answers, it hands out
 * requests before those in front of them are answered, and even behind an answer that ends the connection. They have to
 * wait for their turn (RFC 9112 section 9.3.2), which may never come: then nobody waits for an answer, and what looks like
 * a request may be none.
 */
type Turn = 'now' | 'later' | 'never';

export function turnOf({ socket, closed }: ServerResponse): Turn {
  if (socket !== null) return socket.writable ? 'now' : 'never';
  return closed ? 'never' : 'later';
}

/** Waits for the turn of a request. Answers whether it has come. */
export async function awaitTurn({ socket }: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
  if (turnOf(outgoing) === 'later') {
    queued(socket);
    await new Promise<void>((resolve) => {
      outgoing.once('socket', () => resolve());
      outgoing.once('close', resolve);
    });
    unqueued(socket);
  }
  return turnOf(outgoing) === 'now';
}

function queued(socket: Socket): void {
  waiting.set(socket, waitingOn(socket) + 1);
  // Node reads on at the end of every request, which is still to come for this one.
  setImmediate(() => {
    if (waitingOn(socket) >= WAITING_MAX) socket.pause();
  });
}

function unqueued(socket: Socket): void {
  waiting.set(socket, waitingOn(socket) - 1);
  if (waitingOn(socket) === WAITING_MAX - 1) socket.resume();
}

const waitingOn = (socket: Socket): number => waiting.get(socket) ?? 0;
