import { connect } from 'node:net';
import { endpointKind } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';

/** What a connection may take that requests would wait for. */
const TIMEOUT_MS = 1_000;

/**
 * Whether an endpoint takes a connection: all that can be found out where no health check says what else to ask. The
 * connection is reset at once. Of an endpoint for datagrams nothing can be found out, and so nothing is held against it.
 * Never rejects.
 */
export function connectProbe(origin: string): Promise<ProbeResult> {
  if (endpointKind(origin) === 'udp') return Promise.resolve('passed');
  const { protocol, hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
    const settle = (result: ProbeResult): void => {
      resolve(result);
      socket.resetAndDestroy();
    };
    AbortSignal.timeout(TIMEOUT_MS).addEventListener('abort', () => settle('failed'));
    socket.on('error', () => settle('failed'));
    socket.on('connect', () => settle('passed'));
  });
}
