import { type DiscoveryConfigOf, endpointName } from '@holdfast/shared/config';
import { z } from 'zod';
import { endpointAt, type NamedEndpoint, urlAt } from '../registry.ts';

const sliceEndpoint = z.object({
  addresses: z.array(z.string()).min(1),
  conditions: z
    .object({
      ready: z.boolean().nullish(),
      serving: z.boolean().nullish(),
      terminating: z.boolean().nullish(),
    })
    .nullish(),
  targetRef: z
    .object({ kind: z.string().nullish(), name: z.string().nullish(), uid: z.string().nullish() })
    .nullish(),
});

const slicePort = z.object({ name: z.string().nullish(), port: z.int().nullish() });

/** What is read of an EndpointSlice, discovery.k8s.io/v1. */
export const endpointSlice = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.string() }),
  addressType: z.string(),
  endpoints: z.array(sliceEndpoint).nullish(),
  ports: z.array(slicePort).nullish(),
});

export type EndpointSlice = z.output<typeof endpointSlice>;
type SliceEndpoint = z.output<typeof sliceEndpoint>;

/**
 * The endpoints of a Service, as all of its slices name them.
 *
 * One that is ready serves. One that still serves while it terminates keeps its sessions and gets no new ones. Any other is
 * not named: no traffic is meant for it. For a while an endpoint may be in two slices; what it serves in one counts.
 */
export function sliceEndpoints(
  slices: Iterable<EndpointSlice>,
  { port: wanted, scheme }: Pick<DiscoveryConfigOf<'kubernetes'>, 'port' | 'scheme'>,
): readonly NamedEndpoint[] {
  const named = new Map<string, NamedEndpoint>();
  for (const { addressType, endpoints, ports } of slices) {
    const port = portOf(ports ?? [], wanted);
    if (port === undefined || (addressType !== 'IPv4' && addressType !== 'IPv6')) continue;
    for (const endpoint of endpoints ?? []) {
      const isLeaving = leavingOf(endpoint);
      if (isLeaving === undefined) continue;
      // All addresses of an endpoint are of one pod, and the first is enough (KEP-752).
      const url = urlAt(scheme, endpoint.addresses[0] as string, port);
      if (named.get(url)?.isLeaving !== false)
        named.set(url, endpointAt(url, { ...identityOf(endpoint), isLeaving }));
    }
  }
  return [...named.values()];
}

/** A number stands for itself where a slice names no ports, as for headless Services without any. */
function portOf(ports: NonNullable<EndpointSlice['ports']>, wanted: string | number): number | undefined {
  if (typeof wanted === 'string') return ports.find(({ name }) => name === wanted)?.port ?? undefined;
  return ports.length === 0 || ports.some(({ port }) => port === wanted) ? wanted : undefined;
}

/** Undefined where it does not serve. An unknown readiness means yes; while it terminates, nothing but a yes does (KEP-1672). */
function leavingOf({ conditions }: SliceEndpoint): boolean | undefined {
  const { ready, serving, terminating } = conditions ?? {};
  if (terminating === true) return (serving ?? ready ?? false) ? true : undefined;
  return (ready ?? true) ? false : undefined;
}

/** A pod keeps its name wherever it goes, and no other pod has ever had its uid. */
function identityOf({ targetRef }: SliceEndpoint): Partial<NamedEndpoint> {
  const { kind, name, uid } = targetRef ?? {};
  const id = kind === 'Pod' ? endpointName.safeParse(name).data : undefined;
  return {
    ...(id !== undefined && { id }),
    ...(typeof uid === 'string' && uid !== '' && { incarnation: uid }),
  };
}
