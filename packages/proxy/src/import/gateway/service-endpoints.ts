import { describeValue } from '@holdfast/shared/config';
import type { ImportNote, Place } from '../draft.ts';
import { type Manifest, readManifests } from '../manifests.ts';

/** Where the endpoints of Services are, by `namespace/name:port`, and the line that says so. */
export type ServiceEndpoints = ReadonlyMap<
  string,
  { readonly urls: readonly string[]; readonly place: Place }
>;

const SERVICE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\/[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?:\d{1,5}$/;
const ADDRESS = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):\d{1,5}$/;

const A_MAPPING = 'expected a mapping such as shop/cart:8080: ["10.0.0.1:8080", "10.0.0.2:8080"]';

/** Reads `namespace/name:port: [host:port, ...]`, or says everything that is wrong with it. */
export function readServiceEndpoints(text: string): ServiceEndpoints | readonly ImportNote[] {
  const read = readManifests(text);
  if (read.kind === 'unreadable') return [read];
  const [mapping, ...others] = read.manifests;
  const keys = mapping?.keys([]) ?? [];
  if (mapping === undefined || others.length > 0 || keys.length === 0 || typeof keys[0] === 'number') {
    return [{ line: 1, name: 'file', reason: `${A_MAPPING}, found something else` }];
  }
  const problems = keys.flatMap((key) => problemsOf(mapping, String(key)));
  if (problems.length > 0) return problems;
  return new Map(
    keys.map((key) => {
      const urls = (mapping.value([key]) as readonly string[]).map((address) => `http://${address}`);
      return [String(key), { urls, place: mapping.place([key]) }];
    }),
  );
}

function problemsOf(mapping: Manifest, service: string): readonly ImportNote[] {
  const addresses = mapping.value([service]);
  const place = mapping.place([service]);
  if (!SERVICE.test(service))
    return [{ ...place, reason: `expected namespace/name:port, found ${describeValue(service)}` }];
  if (!Array.isArray(addresses) || addresses.length === 0) {
    return [{ ...place, reason: `expected a list of host:port, found ${describeValue(addresses)}` }];
  }
  return addresses.flatMap((address: unknown, index) => {
    const expected = !isAddress(address)
      ? 'host:port'
      : addresses.indexOf(address) < index
        ? 'each address once'
        : undefined;
    if (expected === undefined) return [];
    const at = mapping.place([service, index], `${service}[${index}]`);
    return [{ ...at, reason: `expected ${expected}, found ${describeValue(address)}` }];
  });
}

const isAddress = (address: unknown): boolean =>
  typeof address === 'string' && ADDRESS.test(address) && URL.canParse(`http://${address}`);

/** The namespace of objects that name none: the one of all Services, where there is only one. */
export function commonNamespace(services: ServiceEndpoints): string {
  const namespaces = new Set([...services.keys()].map((service) => service.slice(0, service.indexOf('/'))));
  const [only = 'default', ...others] = namespaces;
  return others.length === 0 ? only : 'default';
}
