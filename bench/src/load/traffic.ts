import type { Answering } from '../endpoints/answers.ts';

/** The body of a request, of letters only. */
export interface RequestBody {
  readonly bytes: number;
  /** The length of one chunk; without it the body is framed by Content-Length. */
  readonly chunkBytes?: number;
}

/** What is asked and what is answered in a case: the same for every contender. */
export interface Traffic {
  /** Sent by POST. Without it requests are GETs. */
  readonly body?: RequestBody;
  readonly answering: Answering;
  /** Whether clients speak TLS 1.3 to the proxy. */
  readonly secure?: boolean;
  /** Whether the proxy carries bytes of TCP and reads no request: sessions are known by their address and get no cookie. */
  readonly passesThrough?: boolean;
  /** Whether each request under load has a connection of its own. */
  readonly closes?: boolean;
  /** Whether requests under load come without the cookie of the proxy, each a session's first. */
  readonly opensSessions?: boolean;
}

/** The fields that frame a request body. */
export function framingOf(body: RequestBody | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return {};
  return body.chunkBytes === undefined
    ? { 'Content-Length': `${body.bytes}` }
    : { 'Transfer-Encoding': 'chunked' };
}

/** The bytes of a request body as they are sent: as they are, or in chunks (RFC 9112, section 7.1). */
export function framedBody(body: RequestBody | undefined): string {
  if (body === undefined) return '';
  const { bytes, chunkBytes } = body;
  if (chunkBytes === undefined) return 'k'.repeat(bytes);
  const chunks: string[] = [];
  for (let rest = bytes; rest > 0; rest -= chunkBytes) {
    const length = Math.min(rest, chunkBytes);
    chunks.push(`${length.toString(16)}\r\n${'k'.repeat(length)}\r\n`);
  }
  return `${chunks.join('')}0\r\n\r\n`;
}
