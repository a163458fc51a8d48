/** The methods that the semantic conventions know: those of RFC 9110, PATCH and QUERY. */
const METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'QUERY',
  'TRACE',
]);

/** The method as attributes have it: one that a client has made up is `_OTHER`. */
export const methodOf = (method: string): string => (METHODS.has(method) ? method : '_OTHER');
