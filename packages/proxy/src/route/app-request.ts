import type { Exchange } from '../exchange/exchange.ts';

/** Methods that a `Request` refuses to have (Fetch, section 2.2.1). */
const FORBIDDEN_METHOD = /^trac[ek]$/i;
/** Methods with which it refuses to have a body (section 5.4), in any case of letters since it writes them large. */
const WITHOUT_BODY = /^(?:get|head|trac[ek])$/i;

/**
 * The request of an exchange for middleware: a `Request` like any other, made by the rules of Fetch. They resolve dot
 * segments, and Hono decodes what is encoded without need, so that what guards `/admin/*` is not passed by as
 * `/x/../admin`. The body of a GET or HEAD, which Fetch knows none of, is not shown.
 *
 * @returns undefined for a request whose host Fetch cannot have in a URL
 */
export function appRequestOf(
  exchange: Exchange,
  body: () => ReadableStream<Uint8Array>,
): Request | undefined {
  const url = urlOf(exchange);
  if (!URL.canParse(url)) return undefined;
  const { method, fields } = exchange.request;
  const isForbidden = FORBIDDEN_METHOD.test(method);
  const hasBody = exchange.hasBody && !WITHOUT_BODY.test(method);
  const request = new Request(url, {
    method: isForbidden ? 'GET' : method,
    ...(hasBody ? { body: body(), duplex: 'half' } : {}),
  });
  for (let index = 0; index < fields.count; index++)
    request.headers.append(fields.name(index), fields.value(index));
  return isForbidden ? Object.defineProperty(request, 'method', { value: method }) : request;
}

function urlOf({ request, peer }: Exchange): string {
  const target = request.target === '*' ? '/' : request.target;
  return `${peer.isTls ? 'https' : 'http'}://${request.host || 'localhost'}${target}`;
}
