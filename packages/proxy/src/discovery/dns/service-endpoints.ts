import type { DiscoveryConfig } from '@holdfast/shared/config';
import { endpointName } from '@holdfast/shared/config';
import { endpointAt, type NamedEndpoint, urlAt } from '../registry.ts';
import type { ServiceRecord } from './dns-lookup.ts';

/** The most that weights may be; those of SRV records go further and are scaled down to it. */
const WEIGHT_MAX = 1_000;

/**
 * The endpoints of SRV records. Each has its target's name and port for an id, so that it stays the same endpoint wherever
 * its address goes. Those of the lowest priority serve, the others are backups.
 *
 * @param addressesOf the addresses of each target, by its name. A target without one is no endpoint; of several, the first
 *   in their order counts, IPv4 before IPv6: they lead to one process.
 */
export function serviceEndpoints(
  records: readonly ServiceRecord[],
  addressesOf: ReadonlyMap<string, readonly string[]>,
  scheme: DiscoveryConfig['scheme'],
): readonly NamedEndpoint[] {
  const first = Math.min(...records.map(({ priority }) => priority));
  const heaviest = Math.max(WEIGHT_MAX, ...records.map(({ weight }) => weight));
  return records.flatMap(({ name, port, priority, weight }) => {
    const [address] = [...(addressesOf.get(name) ?? [])].sort(byFamily);
    const id = `${name.replace(/\.$/, '').toLowerCase()}:${port}`;
    if (address === undefined || port === 0 || !endpointName.safeParse(id).success) return [];
    const traits = { id, weight: scaled(weight, heaviest), backup: priority > first };
    return [endpointAt(urlAt(scheme, address, port), traits)];
  });
}

/** A weight of 0 means a very small share there, and none at all in our words. */
const scaled = (weight: number, heaviest: number): number =>
  Math.max(1, Math.round((weight * WEIGHT_MAX) / heaviest));

const isIPv6 = (address: string): number => Number(address.includes(':'));

const byFamily = (one: string, other: string): number =>
  isIPv6(one) - isIPv6(other) || (one < other ? -1 : 1);
