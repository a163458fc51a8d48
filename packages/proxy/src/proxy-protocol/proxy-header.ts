/** One end of a connection. */
export interface TransportAddress {
  /** In the canonical form of its family. */
  readonly address: string;
  readonly port: number;
}

/**
 * Whose connection it is, by the word of the proxy that opened it.
 *
 * - `local`: the proxy's own, such as a health check, or one of whose client it cannot tell: the socket's addresses hold
 * - `proxied`: a client's, which came from `source` and wanted `destination`
 */
export type ProxyHeader =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'proxied';
      readonly source: TransportAddress;
      readonly destination: TransportAddress;
    };

/**
 * What the first bytes of a connection are.
 *
 * - `partial`: the beginning of a header; more bytes decide
 * - `read`: a header of `length` bytes, after which the client's own bytes begin
 * - `rejected`: no header, whatever follows; `reason` is for the log
 */
export type ProxyHeaderReading =
  | { readonly kind: 'partial' }
  | { readonly kind: 'read'; readonly header: ProxyHeader; readonly length: number }
  | { readonly kind: 'rejected'; readonly reason: string };

export const PARTIAL: ProxyHeaderReading = { kind: 'partial' };

/** @param reason what is wrong, without the bytes themselves */
export const rejected = (reason: string): ProxyHeaderReading => ({ kind: 'rejected', reason });

/** The longest header that is read, so that this many bytes are never `partial`. */
export const PROXY_HEADER_BYTES_MAX = 4096;
