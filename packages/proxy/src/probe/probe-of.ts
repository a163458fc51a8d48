import { endpointKind } from '@holdfast/shared/config';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import { httpProbe } from './http-probe.ts';
import type { Probe } from './prober.ts';
import { tcpProbe } from './tcp-probe.ts';
import { udpProbe } from './udp-probe.ts';

/** Asks an endpoint in the protocol of its origin. */
export function probeOf(tls: EndpointTls | undefined): Probe {
  const probes = { http: httpProbe(tls), tcp: tcpProbe, udp: udpProbe };
  return (origin, check) => probes[endpointKind(origin)](origin, check);
}
