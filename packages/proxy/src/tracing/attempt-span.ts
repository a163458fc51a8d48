import type { RequestRecord } from '../forward/request-record.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';
import { methodOf } from './http-attributes.ts';
import type { Attempt } from './recorded-trace.ts';
import type { SpanAttributes, SpanContent } from './span.ts';

/**
 * What the span of one try at an endpoint says, by the semantic conventions of HTTP clients: one span for each message
 * on the wire. That the client has left is no failure of the try.
 *
 * @param index of the attempt, from 0
 * @param status that the endpoint has answered with; undefined if it has not
 */
export function attemptSpan(
  { endpoint, error }: Attempt,
  index: number,
  status: number | undefined,
  { method: given, path, pool }: RequestRecord,
): SpanContent {
  const method = methodOf(given);
  const { address, port } = addressOf(endpoint);
  const attributes: SpanAttributes = {
    'http.request.method': method,
    'server.address': address,
    'server.port': port,
    'url.full': endpoint.origin + path,
    'holdfast.pool': pool,
    'holdfast.endpoint': endpoint.id,
  };
  if (method !== given) attributes['http.request.method_original'] = given;
  if (index > 0) attributes['http.request.resend_count'] = index;
  if (status !== undefined) attributes['http.response.status_code'] = status;
  const failure = error ?? (status !== undefined && status >= 400 ? String(status) : undefined);
  if (failure !== undefined) attributes['error.type'] = failure;
  const name = method === '_OTHER' ? 'HTTP' : method;
  return { kind: 'client', name, attributes, isError: failure !== undefined };
}

/** Read once for each endpoint. */
const addresses = new WeakMap<Endpoint, TransportAddress>();

function addressOf(endpoint: Endpoint): TransportAddress {
  let address = addresses.get(endpoint);
  if (address === undefined) {
    address = endpointAddressOf(endpoint.origin);
    addresses.set(endpoint, address);
  }
  return address;
}
