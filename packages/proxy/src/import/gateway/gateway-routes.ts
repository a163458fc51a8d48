import type { Draft, ImportNote, Place, WrittenListener, WrittenRoute } from '../draft.ts';
import type { CheckedManifest } from './checked-manifest.ts';
import { commonHosts } from './gateway-hosts.ts';
import type { GatewaySpec, HttpRouteSpec } from './gateway-schemas.ts';
import type { ServiceEndpoints } from './service-endpoints.ts';
import type { StickyServices } from './sticky-policies.ts';

type Gateway = CheckedManifest<GatewaySpec>;
type HttpRoute = CheckedManifest<HttpRouteSpec>;

/** What routes lead to. */
export interface Services {
  readonly endpoints: ServiceEndpoints;
  readonly sticky: StickyServices;
}

/** A listener of a Gateway, and the one of the draft that stands for it. */
interface Attachable {
  readonly gateway: Gateway;
  readonly listener: GatewaySpec['listeners'][number];
  readonly drafted: WrittenListener;
}

/** Puts listeners, routes and pools into the draft. Answers with what is in the way of that. */
export function addGateways(
  draft: Draft,
  gateways: readonly Gateway[],
  routes: readonly HttpRoute[],
  services: Services,
): readonly ImportNote[] {
  const problems: ImportNote[] = [];
  const attachables = gateways.flatMap((gateway) => listenersOf(draft, gateway, problems));
  for (const route of routes) addRoute(draft, route, attachables, services, problems);
  return problems;
}

/** Listeners of one port are told apart by their hosts, and so they are routes of one listener here. */
function listenersOf(draft: Draft, gateway: Gateway, problems: ImportNote[]): readonly Attachable[] {
  const byPort = new Map<number, WrittenListener>();
  return gateway.spec.listeners.map((listener, index) => {
    const listen = `:${listener.port}`;
    const place = gateway.place(['listeners', index, 'port']);
    const known = byPort.get(listener.port);
    if (known !== undefined) return { gateway, listener, drafted: known };
    if (draft.listeners.some((other) => other.listen === listen)) {
      problems.push({
        ...place,
        reason: `expected a port that no other Gateway has, found ${listener.port}`,
      });
    }
    const name = draft.nameFor('listener', listener.name);
    const drafted = draft.addListener(place, { name, listen, routes: [] });
    byPort.set(listener.port, drafted);
    return { gateway, listener, drafted };
  });
}

function addRoute(
  draft: Draft,
  route: HttpRoute,
  attachables: readonly Attachable[],
  services: Services,
  problems: ImportNote[],
): void {
  const attached = attachables.filter((attachable) => isAttached(route, attachable));
  if (attached.length === 0) problems.push({ ...route.place(['parentRefs', 0]), reason: UNATTACHED });
  for (const [index, { matches, backendRefs }] of route.spec.rules.entries()) {
    const [backend] = backendRefs;
    if (backend === undefined) continue;
    const place = route.place(['rules', index, 'backendRefs', 0]);
    const service = `${backend.namespace ?? route.namespace}/${backend.name}:${backend.port}`;
    const pool = poolOf(draft, place, service, services);
    if (pool === undefined) {
      problems.push({
        ...place,
        reason: `expected endpoints of ${service} in the file of services, found none`,
      });
      continue;
    }
    for (const { listener, drafted } of attached)
      for (const host of commonHosts(listener.hostname, route.spec.hostnames))
        for (const { path } of matches)
          drafted.routes?.push(draft.from(place, routeTo(pool, host, path.value)));
  }
}

const UNATTACHED =
  'expected a listener of a Gateway in the file that takes this route, by name, port, section and namespace, found none';

function isAttached(route: HttpRoute, { gateway, listener }: Attachable): boolean {
  const isAllowed = listener.allowedRoutes.namespaces.from === 'All' || route.namespace === gateway.namespace;
  return (
    isAllowed &&
    route.spec.parentRefs.some(
      ({ name, namespace = route.namespace, sectionName = listener.name, port = listener.port }) =>
        name === gateway.name &&
        namespace === gateway.namespace &&
        sectionName === listener.name &&
        port === listener.port,
    )
  );
}

/** One pool for each port of a Service, however many rules lead there: its sessions are the same. */
function poolOf(
  draft: Draft,
  place: Place,
  service: string,
  { endpoints, sticky }: Services,
): string | undefined {
  const known = draft.poolOf(service);
  if (known !== undefined) return known.name;
  const found = endpoints.get(service);
  if (found === undefined) return undefined;
  const pool = draft.addPool(place, service);
  pool.endpoints = found.urls.map((url) => ({ url }));
  const affinity = sticky.get(service);
  if (affinity !== undefined) pool.affinity = affinity;
  return pool.name;
}

function routeTo(pool: string, host: string | undefined, path: string): WrittenRoute {
  const match = { ...(host !== undefined && { host }), ...(path !== '/' && { path }) };
  return { ...(Object.keys(match).length > 0 && { match }), pool };
}
