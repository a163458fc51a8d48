import { once } from 'node:events';
import { createServer } from 'node:net';
import { HoldfastError } from '@holdfast/shared';

/**
 * Ports are taken from below the range that the system uses for outgoing connections: a port of that range would be
 * given away while its process is down, and a connection to it could even meet itself.
 */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const ATTEMPTS_MAX = 100;

let next = (process.pid * 61) % PORTS;

/** A port of the loopback address on which nobody listens, and which this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = FIRST_PORT + next;
    next = (next + 1) % PORTS;
    if (await isFree(port)) return port;
  }
  throw new HoldfastError('INTERNAL', `find a free port: ${ATTEMPTS_MAX} in a row are taken`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
