import { type EndpointId, endpointOfPin } from '@holdfast/shared';

/** How many pins each endpoint has, of counts that tell its processes apart: it has those of all that have served there. */
export function pinsByEndpoint(counts: ReadonlyMap<EndpointId, number>): Map<EndpointId, number> {
  const totals = new Map<EndpointId, number>();
  for (const [id, pins] of counts) {
    const endpoint = endpointOfPin(id);
    totals.set(endpoint, (totals.get(endpoint) ?? 0) + pins);
  }
  return totals;
}
