import { Endpoint, type EndpointSpec, type EndpointTraits } from './endpoint.ts';

/** How the endpoints of a pool became others. */
export interface EndpointsChange {
  /** All that the pool has now, in the order in which they were given. */
  readonly endpoints: readonly Endpoint[];
  readonly added: readonly Endpoint[];
  readonly removed: readonly Endpoint[];
  /** Those that stay, with other traits. */
  readonly changed: readonly TraitsChange[];
}

export interface TraitsChange {
  readonly endpoint: Endpoint;
  readonly traits: EndpointTraits;
}

/**
 * What is to become of the endpoints of a pool. An endpoint stays, with all that is known of it, while id and origin
 * stay the same; under another origin it is another endpoint. Changes nothing.
 *
 * @param wanted each id once
 */
export function endpointsChange(
  current: readonly Endpoint[],
  wanted: readonly EndpointSpec[],
): EndpointsChange {
  const known = new Map(current.map((endpoint) => [endpoint.id, endpoint]));
  const added: Endpoint[] = [];
  const changed: TraitsChange[] = [];
  const endpoints = wanted.map((spec) => {
    const same = known.get(spec.id);
    if (same?.origin !== spec.origin) return added[added.push(new Endpoint(spec)) - 1] as Endpoint;
    if (!hasTraits(same, spec)) changed.push({ endpoint: same, traits: spec });
    return same;
  });
  const staying = new Set(endpoints);
  return { endpoints, added, removed: current.filter((endpoint) => !staying.has(endpoint)), changed };
}

/** Whether there is anything to do. */
export const isChange = ({ added, removed, changed }: EndpointsChange): boolean =>
  added.length + removed.length + changed.length > 0;

const hasTraits = (endpoint: EndpointTraits, wanted: EndpointTraits): boolean =>
  endpoint.weight === wanted.weight &&
  endpoint.isBackup === wanted.isBackup &&
  endpoint.connectionsMax === wanted.connectionsMax &&
  endpoint.label === wanted.label &&
  endpoint.isSticky === (wanted.isSticky ?? true) &&
  endpoint.isLeaving === (wanted.isLeaving ?? false) &&
  endpoint.from === (wanted.from ?? 'configuration') &&
  endpoint.incarnation === (wanted.incarnation ?? endpoint.incarnation);
