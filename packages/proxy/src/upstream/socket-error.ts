import { type ErrorCode, HoldfastError } from '@holdfast/shared';

/** Node's words for a connection that could not be made. Once it is made, whatever ends it is a reset. */
const CONNECT_CODES: Readonly<Record<string, ErrorCode>> = { ETIMEDOUT: 'UPSTREAM_CONNECT_TIMEOUT' };

/** An error of a socket on its way to an endpoint. @param wasConnected whether the connection had been made */
export function socketError(
  error: Error & { code?: string },
  origin: string,
  wasConnected: boolean,
): HoldfastError {
  if (wasConnected)
    return new HoldfastError('UPSTREAM_RESET', `connection to ${origin} broke: ${error.message}`, error);
  const code = (error.code !== undefined && CONNECT_CODES[error.code]) || 'UPSTREAM_CONNECT_FAILED';
  return new HoldfastError(code, `connect to ${origin}: ${reasonOf(error)}`, error);
}

/** OpenSSL's message of a failed handshake names its own source files; its reason is what a person can use. */
const reasonOf = (error: Error & { reason?: unknown }): string =>
  typeof error.reason === 'string' ? `TLS: ${error.reason}` : error.message;
