import type { Draft, WrittenEndpoint } from '../draft.ts';
import type { Manifest } from '../manifests.ts';

/** One port of a Service. */
export interface ServicePort {
  readonly index: number;
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: string;
}

export const portsOf = (service: Manifest): readonly ServicePort[] =>
  service.keys(['spec', 'ports']).flatMap((key) => {
    const index = Number(key);
    const port = service.number(['spec', 'ports', index, 'port']);
    if (port === undefined) return [];
    return {
      index,
      port,
      name: service.text(['spec', 'ports', index, 'name']) ?? '',
      targetPort: service.number(['spec', 'ports', index, 'targetPort']) ?? port,
      protocol: service.text(['spec', 'ports', index, 'protocol']) ?? 'TCP',
    };
  });

/**
 * The addresses behind a port of a Service: those of its Endpoints or EndpointSlices, or the pods of its StatefulSet by
 * their names, if the text has one of these. The Service's own name is the last resort: it stands for all pods at once.
 */
export function endpointsOf(
  draft: Draft,
  service: Manifest,
  port: ServicePort,
  all: readonly Manifest[],
  scheme: string,
): WrittenEndpoint[] {
  const url = (host: string): string =>
    `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port.targetPort}`;
  const addresses = [...new Set([...slicesOf(service, all), ...subsetsOf(service, all)])];
  if (addresses.length > 0) return addresses.map((address) => ({ url: url(address) }));
  const domain = `${service.name}.${service.namespace}.svc.cluster.local`;
  const pods = podsOf(service, all);
  if (pods.length > 0) return pods.map((pod) => ({ id: pod, url: url(`${pod}.${domain}`) }));
  draft.note(
    service.place(['metadata', 'name'], `Service ${service.name}`),
    'its pods are not in the text: put an endpoint for each in place of the Service, or import its EndpointSlices with it (kubectl get service,endpointslices -o yaml)',
  );
  const endpoint: WrittenEndpoint = { url: `${scheme}://${domain}:${port.port}` };
  draft.remark(
    endpoint,
    'Stands for all pods of the Service, so that nothing sticks: put an endpoint for each pod here.',
  );
  return [endpoint];
}

const isBeside = (service: Manifest, other: Manifest): boolean => service.namespace === other.namespace;

const slicesOf = (service: Manifest, all: readonly Manifest[]): readonly string[] =>
  all
    .filter(
      (slice) =>
        slice.kind === 'EndpointSlice' &&
        isBeside(service, slice) &&
        slice.text(['metadata', 'labels', 'kubernetes.io/service-name']) === service.name,
    )
    .flatMap((slice) =>
      slice
        .keys(['endpoints'])
        .flatMap((index) =>
          slice
            .keys(['endpoints', index, 'addresses'])
            .flatMap((at) => slice.text(['endpoints', index, 'addresses', at]) ?? []),
        ),
    );

const subsetsOf = (service: Manifest, all: readonly Manifest[]): readonly string[] =>
  all
    .filter((other) => other.kind === 'Endpoints' && other.name === service.name && isBeside(service, other))
    .flatMap((other) =>
      other
        .keys(['subsets'])
        .flatMap((index) =>
          other
            .keys(['subsets', index, 'addresses'])
            .flatMap((at) => other.text(['subsets', index, 'addresses', at, 'ip']) ?? []),
        ),
    );

const PODS_MAX = 1_000;

function podsOf(service: Manifest, all: readonly Manifest[]): readonly string[] {
  const set = all.find(
    (other) =>
      other.kind === 'StatefulSet' &&
      isBeside(service, other) &&
      other.text(['spec', 'serviceName']) === service.name,
  );
  const count = Math.min(PODS_MAX, set?.number(['spec', 'replicas']) ?? 1);
  return set === undefined
    ? []
    : Array.from({ length: Math.max(0, count) }, (_, index) => `${set.name}-${index}`);
}
