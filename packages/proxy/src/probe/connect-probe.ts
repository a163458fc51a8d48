import { endpointKind } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';
import { tcpProbe } from './tcp-probe.ts';

/** What a connection may take that requests would wait for. */
const TIMEOUT_MS = 1_000;

/**
 * Whether an endpoint takes a connection: all that can be found out where no health check says what else to ask. Of an
 * endpoint for datagrams nothing can be found out, and so nothing is held against it. Never rejects.
 */
export const connectProbe = async (origin: string): Promise<ProbeResult> =>
  endpointKind(origin) === 'udp' ? 'passed' : tcpProbe(origin, { timeout: TIMEOUT_MS });
