import { endpointKind, type HealthCheckConfig } from '@holdfast/shared/config';
import type { ProbeResult } from '../health/health-check.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import { httpProbe } from './http-probe.ts';
import type { Probe } from './prober.ts';
import { tcpProbe } from './tcp-probe.ts';
import { udpProbe } from './udp-probe.ts';

/** Asks an endpoint in the protocol of its origin. */
export function probeOf(tls: EndpointTls | undefined): Probe {
  const probes = { http: httpProbe(tls), tcp: reporting(tcpProbe), udp: reporting(udpProbe) };
  return (origin, check) => probes[endpointKind(origin)](origin, check);
}

/** A probe whose answers say nothing of who answers. */
const reporting =
  (probe: (origin: string, check: HealthCheckConfig) => Promise<ProbeResult>): Probe =>
  async (origin, check) => ({ result: await probe(origin, check) });
