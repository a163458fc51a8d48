/**
 * The hosts that a route has at a listener (HTTPRoute, hostnames): those that both take. Undefined stands for every host;
 * an empty list says that the route has nothing at the listener.
 */
export function commonHosts(
  listener: string | undefined,
  route: readonly string[] | undefined,
): readonly (string | undefined)[] {
  if (route === undefined) return [listener];
  if (listener === undefined) return route;
  const common = route.flatMap((host) =>
    covers(listener, host) ? [host] : covers(host, listener) ? [listener] : [],
  );
  return [...new Set(common)];
}

/** Whether all requests for `host` are among those for `pattern`. */
function covers(pattern: string, host: string): boolean {
  const [wide, narrow] = [pattern.toLowerCase(), host.toLowerCase()];
  return wide === narrow || (wide.startsWith('*.') && narrow.endsWith(wide.slice(1)));
}
