import type { Draft, WrittenHealthCheck, WrittenPool } from '../draft.ts';
import type { Manifest } from '../manifests.ts';
import { RANGE_MS } from '../ranges.ts';
import { type CceSessions, sessionsOf } from './cce-affinity.ts';
import { CceAnnotations } from './cce-annotations.ts';
import { endpointsOf, portsOf, type ServicePort } from './cce-endpoints.ts';

/** The pool of one port of a Service. What the Service says of sessions counts before what its Ingress says. */
export function addPool(
  draft: Draft,
  service: Manifest,
  port: ServicePort,
  all: readonly Manifest[],
  spoken: { readonly scheme: string; readonly sessions?: CceSessions },
): WrittenPool {
  const key = keyOf(service, port);
  const known = draft.poolOf(key);
  if (known !== undefined) return known;
  const place = service.place(['metadata', 'name'], `Service ${service.name}`);
  const name = portsOf(service).length > 1 ? `${service.name}-${port.port}` : service.name;
  const pool = draft.addPool(place, key, name);
  const isHttp = !/^(?:tcp|udp)$/.test(spoken.scheme);
  const annotations = new CceAnnotations(service, draft);
  pool.endpoints = endpointsOf(draft, service, port, all, spoken.scheme);
  Object.assign(pool, spoken.sessions, sessionsOf(draft, annotations, isHttp));
  const healthCheck = healthCheckOf(draft, annotations, spoken.scheme);
  if (healthCheck !== undefined) pool.healthCheck = healthCheck;
  return pool;
}

const keyOf = ({ namespace, name }: Manifest, { port }: ServicePort): string =>
  `${namespace}/${name}:${port}`;

/** Whether an Ingress has led to the Service already. */
export const isServed = (draft: Draft, service: Manifest): boolean =>
  portsOf(service).some((port) => draft.poolOf(keyOf(service, port)) !== undefined);

/** A Service without an Ingress: a listener on each of its ports. */
export function addListeners(draft: Draft, service: Manifest, all: readonly Manifest[]): void {
  const annotations = new CceAnnotations(service, draft);
  const spokenByPort = protocolsOf(annotations.text('protocol-port'));
  for (const port of portsOf(service)) {
    const spoken = spokenByPort.get(port.port) ?? port.protocol.toLowerCase();
    const place = service.place(['spec', 'ports', port.index], `port ${port.port}`);
    if (!/^(?:tcp|udp|https?)$/.test(spoken)) {
      draft.note(place, `left out: ${spoken} is not carried`);
      continue;
    }
    if (spoken === 'https') {
      annotations.note(
        'protocol-port',
        'https needs the files of a certificate: taken as http; name them in tls.certificates, and set protocol: https',
      );
    }
    const protocol = spoken === 'https' ? 'http' : (spoken as 'http' | 'tcp' | 'udp');
    const pool = addPool(draft, service, port, all, { scheme: protocol });
    draft.addListener(place, {
      name: draft.nameFor('listener', `${service.name}-${port.port}`),
      listen: `:${port.port}`,
      ...(protocol !== 'http' && { protocol }),
      routes: [{ pool: pool.name }],
    });
  }
}

/** `http:80,https:443`: what clients speak on a port. */
const protocolsOf = (text: string | undefined): ReadonlyMap<number, string> =>
  new Map(
    (text ?? '').split(',').flatMap((pair) => {
      const [, protocol, port] = /^\s*([a-z]+):(\d{1,5})\s*$/i.exec(pair) ?? [];
      return protocol === undefined ? [] : [[Number(port), protocol.toLowerCase()] as const];
    }),
  );

const TRIES_RANGE = [1, 100] as const;

/** `elb.health-check-option`, in seconds. */
function healthCheckOf(
  draft: Draft,
  annotations: CceAnnotations,
  scheme: string,
): WrittenHealthCheck | undefined {
  const names = ['health-check-option', 'health-check-options'] as const;
  const [one, several] = names.map((name) => annotations.fields(name));
  const [name, option] =
    one !== undefined && one.size > 0 ? [names[0], one] : [names[1], several ?? new Map<string, string>()];
  if (annotations.text('health-check-flag') === 'off' || option.size === 0) return undefined;
  const place = annotations.place(name);
  const isHttp = /^(?:https?|h2c)$/.test(scheme);
  if (isHttp && option.get('protocol')?.toUpperCase() === 'TCP') {
    annotations.note(
      name,
      'a check by connection: Holdfast notices refused ones by itself; for a request, set healthCheck.path',
    );
    return undefined;
  }
  if (scheme === 'udp') {
    annotations.note(name, 'a udp endpoint is checked by what it answers: set healthCheck.send');
    return undefined;
  }
  const seconds = (key: string, range: readonly [number, number]): string | undefined => {
    const value = option.get(key);
    return value === undefined ? undefined : draft.duration(place, Number(value) * 1_000, range);
  };
  const tries = option.get('max_retries') ?? option.get('unhealthy_threshold');
  const [interval, timeout] = [
    seconds('delay', RANGE_MS.probeInterval),
    seconds('timeout', RANGE_MS.probeTimeout),
  ];
  return draft.from(place, {
    ...(isHttp && { path: option.get('path') ?? '/' }),
    ...(interval !== undefined && { interval }),
    ...(timeout !== undefined && { timeout }),
    ...(tries !== undefined && { unhealthyAfter: draft.count(place, Number(tries), TRIES_RANGE) }),
  });
}
