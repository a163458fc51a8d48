import type { Draft, WrittenListener, WrittenRoute } from '../draft.ts';
import type { NginxDirective } from './nginx-directives.ts';

/** The host names of a server, as routes write them; none where it takes every host. */
export function hostsOf(draft: Draft, block: readonly NginxDirective[]): readonly string[] {
  const directives = block.filter(({ name }) => name === 'server_name');
  return directives.flatMap((directive) =>
    directive.args.flatMap((host) => {
      if (host === '_' || host === '') return [];
      if (host.startsWith('.')) return [host.slice(1), `*${host}`];
      if (/^(?:\*\.)?[A-Za-z0-9.-]{1,253}$/.test(host)) return [host];
      draft.note(directive, `${host} is no host name, and not *.name either: left out`);
      return [];
    }),
  );
}

/**
 * Takes the hosts out of a listener where they make no difference, because each route with one has a twin for every
 * host: so it is with a single server, which gets all hosts, whatever its names are.
 */
export function withoutIdleHosts(draft: Draft, listener: WrittenListener): void {
  const routes = listener.routes ?? [];
  const [open, bound] = [routes.filter((route) => !hasHost(route)), routes.filter(hasHost)];
  const [first] = bound;
  if (open.length === 0 || first === undefined) return;
  const isTwin = (route: WrittenRoute): boolean =>
    open.some(({ pool, match }) => pool === route.pool && match?.path === route.match?.path);
  if (bound.every(isTwin)) {
    listener.routes = open;
    draft.remark(
      listener,
      `For every host: nginx sends those that no server names where ${first.match?.host} goes.`,
    );
  } else {
    draft.remark(
      listener,
      'Routes without a host are those of the server that nginx takes for all other hosts.',
    );
  }
}

const hasHost = ({ match }: WrittenRoute): boolean => match?.host !== undefined;
