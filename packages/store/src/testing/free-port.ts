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

/** Test files that run beside each other have ports of their own, so that none takes one whose process is down. */
const SHARES = 2;
const SHARE_PORTS = PORTS / SHARES;
const shareStart = FIRST_PORT + (Number(process.env.VITEST_POOL_ID ?? 0) % SHARES) * SHARE_PORTS;

let next = (process.pid * 61) % SHARE_PORTS;

/** A port of the loopback address on which nobody listens, and which this process has not handed out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = shareStart + next;
    next = (next + 1) % SHARE_PORTS;
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
