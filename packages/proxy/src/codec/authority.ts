import { HOST_NAME } from './bytes.ts';

const HOST_BYTES_MAX = 255;

/**
 * RFC 3986 section 3.2: a registered name or an IPv6 address in brackets, then at most five digits of port. An empty
 * host is refused because RFC 9110 section 4.2.1 declares http URIs without one invalid.
 */
const AUTHORITY =
  /^(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{0,5}))?$/;

const PORT_MAX = 65_535;

/** Whether the text is a valid `Host` field value or authority (RFC 9110 section 7.2), without user information. */
export function isAuthority(text: string): boolean {
  if (text.length === 0 || text.length > HOST_BYTES_MAX) return false;
  return isPlainName(text) || isWrittenAsAuthority(text);
}

/** Names without port, escapes or rare characters, which need no regular expression. */
function isPlainName(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (HOST_NAME[text.charCodeAt(index)] !== 1) return false;
  return true;
}

function isWrittenAsAuthority(text: string): boolean {
  const match = AUTHORITY.exec(text);
  return match !== null && Number(match[1] ?? 0) <= PORT_MAX;
}
