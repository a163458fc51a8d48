import type { RequestHeadParser } from './request-head.ts';
import type { ResponseHeadParser } from './response-head.ts';

/**
 * How a body is delimited (RFC 9112 section 6.3).
 *
 * - `none`: there is no body
 * - `length`: as many bytes as `Content-Length` says, which may be none
 * - `chunked`: chunks, then trailers
 * - `until-close`: all that comes before the connection ends; only of responses
 */
export type BodyFraming = 'none' | 'length' | 'chunked' | 'until-close';

/** The body of a request: one without length and chunks has none. */
export function requestFraming(head: RequestHeadParser): BodyFraming {
  if (head.isChunked) return 'chunked';
  return head.contentLength < 0 ? 'none' : 'length';
}

/**
 * The body of a response to `method`. HEAD, 1xx, 204 and 304 have none, whatever their fields say: bytes that follow
 * belong to no response, and the connection must not be used again. A 101 is no message with a body either, but the
 * first word of another protocol.
 */
export function responseFraming(method: string, head: ResponseHeadParser): BodyFraming {
  const { status } = head;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 'none';
  if (head.isChunked) return 'chunked';
  return head.contentLength < 0 ? 'until-close' : 'length';
}
