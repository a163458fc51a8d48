import type { RequestRecord } from '../forward/request-record.ts';
import { addAffinity } from './affinity-attributes.ts';
import { methodOf } from './http-attributes.ts';
import type { SpanAttributes, SpanContent } from './span.ts';

/** `host:port`, with an IPv6 address in brackets. */
const HOST = /^(?:\[(.*)\]|(.*?))(?::(\d*))?$/;

/**
 * What the span of a whole request says, by the semantic conventions of HTTP servers. A path is there without its query
 * and without the parameters that may name a session.
 *
 * @param host as the client has named it; `''` if it has not
 */
export function requestSpan(record: RequestRecord, host: string): SpanContent {
  const { route, status, error, pool } = record;
  const method = methodOf(record.method);
  const attributes: SpanAttributes = {
    'http.request.method': method,
    'url.scheme': record.isSecure ? 'https' : 'http',
    'url.path': record.path,
    'network.protocol.version': record.httpVersion === '2.0' ? '2' : record.httpVersion,
    'client.address': record.clientAddress,
    'http.request.body.size': record.bytesIn,
    'http.response.body.size': record.bytesOut,
    'holdfast.listener': record.listener,
    'holdfast.request.id': record.requestId,
  };
  if (method !== record.method) attributes['http.request.method_original'] = record.method;
  if (status > 0) attributes['http.response.status_code'] = status;
  if (route !== '') attributes['http.route'] = route;
  if (pool !== '') attributes['holdfast.pool'] = pool;
  addHost(attributes, host);
  addAffinity(attributes, record.resolution);
  const isError = status >= 500 || (error !== undefined && !error.startsWith('DOWNSTREAM_'));
  if (error !== undefined) attributes['error.type'] = error;
  else if (isError) attributes['error.type'] = String(status);
  return { kind: 'server', name: nameOf(method, route), attributes, isError };
}

/** Never a path, of which there are as many as clients can think of. */
function nameOf(method: string, route: string): string {
  const word = method === '_OTHER' ? 'HTTP' : method;
  return route === '' ? word : `${word} ${route}`;
}

function addHost(attributes: SpanAttributes, host: string): void {
  const [, ipv6, name, port] = HOST.exec(host) ?? [];
  const address = ipv6 ?? name ?? '';
  if (address === '') return;
  attributes['server.address'] = address;
  if (port) attributes['server.port'] = Number(port);
}
