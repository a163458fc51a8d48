import type { HealthCheckConfig } from '@holdfast/shared/config';
import { Agent, type Dispatcher, H2CClient, request } from 'undici';
import type { ProbeReport } from '../health/health-check.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import type { Probe } from './prober.ts';
import { toldIncarnation } from './told-incarnation.ts';

/** Whether a status is the expected one: exact (`204`) or of a class (`2xx`). */
export const isExpectedStatus = (status: number, expected: string): boolean =>
  expected.endsWith('xx') ? Math.floor(status / 100) === Number(expected[0]) : status === Number(expected);

/**
 * Asks an endpoint for its health, on a connection of its own: a kept one might be the only thing that still works.
 * TLS and HTTP/2 are spoken as requests speak them: an endpoint that cannot prove its name has failed. Redirects are not
 * followed.
 * Never rejects.
 */
export function httpProbe(tls: EndpointTls | undefined): Probe {
  const dispatcher = new Agent({ allowH2: false, connect: { ...tls } });
  return (origin, check) =>
    origin.startsWith('h2c:')
      ? http2Probe(origin.replace('h2c:', 'http:'), check)
      : probe(origin, check, dispatcher);
}

async function http2Probe(origin: string, check: HealthCheckConfig): Promise<ProbeReport> {
  const client = new H2CClient(origin);
  const result = await probe(origin, check, client);
  await client.destroy();
  return result;
}

async function probe(origin: string, check: HealthCheckConfig, dispatcher: Dispatcher): Promise<ProbeReport> {
  try {
    const { statusCode, headers, body } = await request(`${origin}${check.path}`, {
      method: 'GET',
      headers: { 'user-agent': 'holdfast-health-check' },
      reset: true,
      headersTimeout: check.timeout,
      bodyTimeout: check.timeout,
      signal: AbortSignal.timeout(check.timeout),
      dispatcher,
    });
    const told = toldIncarnation(check, headers);
    await readToEnd(body, (piece) => told.feed(piece));
    const isExpected = isExpectedStatus(statusCode, check.status);
    return isExpected ? { result: 'passed', incarnation: told.value } : { result: 'failed' };
  } catch {
    return { result: 'failed' };
  }
}

/** Longest body of a probe's response that is read. */
const BODY_BYTES_MAX = 128 * 1024;

/** A response counts once it is complete: an endpoint that breaks off in the middle is not well. */
async function readToEnd(body: AsyncIterable<Buffer>, onPiece: (piece: Buffer) => void): Promise<void> {
  let bytes = 0;
  for await (const piece of body) {
    onPiece(piece);
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) return;
  }
}
