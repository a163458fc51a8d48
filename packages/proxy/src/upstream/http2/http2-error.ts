import { constants } from 'node:http2';
import { HoldfastError } from '@holdfast/shared';

const {
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FLOW_CONTROL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_STREAM_CLOSED,
} = constants;

/** Codes with which a stream ends when what came on it broke a rule, or a limit, of HTTP/2 (RFC 9113 section 7). */
const BROKEN_RULES: ReadonlySet<number> = new Set([
  NGHTTP2_COMPRESSION_ERROR,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_FLOW_CONTROL_ERROR,
  NGHTTP2_FRAME_SIZE_ERROR,
  NGHTTP2_PROTOCOL_ERROR,
  NGHTTP2_STREAM_CLOSED,
]);

/** What Node's library says of a peer that breaks the rules of the connection itself. */
const CONNECTION_BROKE_RULES = 'ERR_HTTP2_ERROR';

/** Why a stream has ended before its response was complete. @param code that of its RST_STREAM, whoever sent it */
export function streamError(
  origin: string,
  code: number,
  cause: (Error & { code?: string }) | undefined,
): HoldfastError {
  if (BROKEN_RULES.has(code) || cause?.code === CONNECTION_BROKE_RULES)
    return new HoldfastError('UPSTREAM_BAD_RESPONSE', `${origin} sent no valid HTTP/2${told(code)}`, cause);
  return new HoldfastError(
    'UPSTREAM_RESET',
    `${origin} ended the stream before the response was complete${told(code)}`,
    cause,
  );
}

/** The number is found in RFC 9113 section 7. */
const told = (code: number): string => (code === NGHTTP2_NO_ERROR ? '' : `: error code ${code}`);
