/**
 * Parameters of a request target or a `Location`: of the query (`/path?sid=1`) and of the path (`/path;jsessionid=1`, RFC
 * 3986 section 3.3). A value ends where the next part of the target begins.
 */

const QUERY_END = /[&#]/g;
const PATH_END = /[;/?#]/g;

/** The first parameter called `name` of the query, decoded; undefined where there is none. */
export function queryParameter(target: string, name: string): string | undefined {
  const query = target.indexOf('?');
  return query < 0 ? undefined : parameterAt(target, query, '&', QUERY_END, name);
}

/** The first parameter called `name` of any segment of the path, decoded; undefined where there is none. */
export function pathParameter(target: string, name: string): string | undefined {
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  const first = path.indexOf(';');
  return first < 0 ? undefined : parameterAt(path, first, ';', PATH_END, name);
}

/** A path without the parameters of its segments, one of which may be the id of a session. */
export const withoutPathParameters = (path: string): string =>
  path.includes(';') ? path.replaceAll(/;[^/]*/g, '') : path;

function parameterAt(
  text: string,
  first: number,
  separator: string,
  valueEnd: RegExp,
  name: string,
): string | undefined {
  for (let at = first; at >= 0; at = text.indexOf(separator, at + 1)) {
    const valueAt = at + 1 + name.length + 1;
    if (!text.startsWith(name, at + 1) || text[valueAt - 1] !== '=') continue;
    valueEnd.lastIndex = valueAt;
    return decoded(text.slice(valueAt, valueEnd.exec(text)?.index ?? text.length));
  }
  return undefined;
}

/** An application that reads the parameter sees it without its percent signs; what cannot be decoded stands for itself. */
function decoded(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
