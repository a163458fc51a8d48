import type { ErrorCode, HoldfastError } from '@holdfast/shared';
import { fieldLine } from '../codec/index.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { reasonPhrase } from './reason-phrase.ts';

/** The status that tells a client of an error, and a sentence for people. Codes not listed are 502. */
const ANSWERS: Partial<Record<ErrorCode, { readonly status: number; readonly text: string }>> = {
  DOWNSTREAM_BAD_REQUEST: { status: 400, text: 'The request is malformed.' },
  DOWNSTREAM_BODY_TOO_LARGE: { status: 413, text: 'The request body is larger than is allowed here.' },
  DOWNSTREAM_NO_ROUTE: { status: 404, text: 'No route matches this host and path.' },
  DOWNSTREAM_TIMEOUT: { status: 408, text: 'The request took too long to arrive.' },
  UPSTREAM_CONNECT_TIMEOUT: { status: 504, text: 'The endpoint could not be reached in time.' },
  UPSTREAM_TIMEOUT: { status: 504, text: 'The endpoint did not answer in time.' },
  UPSTREAM_NO_UPGRADE: { status: 501, text: 'The endpoint speaks no protocol but HTTP.' },
  UPSTREAM_QUEUE_FULL: { status: 503, text: 'Too many requests wait for the endpoint at the moment.' },
  UPSTREAM_QUEUE_TIMEOUT: { status: 503, text: 'The endpoint had no place for this request in time.' },
  UPSTREAM_NONE_AVAILABLE: { status: 503, text: 'No endpoint is available at the moment.' },
  STORE_UNAVAILABLE: { status: 503, text: 'The session map is unavailable at the moment.' },
  STORE_READ_ONLY: { status: 503, text: 'The session map takes no changes at the moment.' },
  INTERNAL: { status: 500, text: 'The proxy failed on this request.' },
  INTERNAL_SHUTDOWN: { status: 503, text: 'This node of the proxy is shutting down.' },
};
const FALLBACK = { status: 502, text: 'The endpoint failed to answer this request.' };

/** How long a client should wait before it asks for an endpoint again. */
const RETRY_AFTER_SECONDS = '1';

/**
 * Answers a request that Holdfast itself must refuse: a small body with the stable code and the request id, JSON
 * for clients that ask for it, text for the others. It says nothing of endpoints, addresses or causes: those are
 * in the access log under the same request id.
 *
 * @returns the status that was sent
 */
export function respondWithError(exchange: Exchange, error: HoldfastError, requestId: string): number {
  const { status, text } = ANSWERS[error.code] ?? FALLBACK;
  const { fields } = exchange.request;
  const accept = fields.find('accept');
  const wantsJson = accept >= 0 && fields.value(accept).includes('json');
  const body = Buffer.from(
    wantsJson
      ? `${JSON.stringify({ error: { code: error.code, message: text, requestId } })}\n`
      : `${status} ${reasonPhrase(status)}\n${text}\ncode: ${error.code}\nrequest: ${requestId}\n`,
  );
  const lines =
    fieldLine('Content-Type', wantsJson ? 'application/json' : 'text/plain; charset=utf-8') +
    fieldLine('Cache-Control', 'no-store') +
    fieldLine('X-Request-Id', requestId) +
    (status === 503 ? fieldLine('Retry-After', RETRY_AFTER_SECONDS) : '');
  exchange.respond({ status, reason: reasonPhrase(status), lines, contentLength: body.length });
  exchange.write(body);
  exchange.end([]);
  return status;
}
