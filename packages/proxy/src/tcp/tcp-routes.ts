import type { RouteConfig } from '@holdfast/shared/config';
import type { Passage } from '../layer4/passage.ts';
import { ServerNames } from '../tls/server-names.ts';

/** Where the connections of a tcp listener go: by the name that a TLS client asks for, else by the route without one. */
export class TcpRoutes {
  /** Whether a connection is looked into before it has a route. */
  readonly goByName: boolean;
  readonly #named = new ServerNames<Passage>();
  readonly #default: Passage | undefined;

  constructor(routes: readonly RouteConfig[], passages: ReadonlyMap<string, Passage>) {
    for (const { match, pool } of routes) {
      const passage = passages.get(pool) as Passage;
      if (match.sni === undefined) this.#default ??= passage;
      else this.#named.add(match.sni, passage);
    }
    this.goByName = routes.some(({ match }) => match.sni !== undefined);
  }

  find(serverName: string | undefined): Passage | undefined {
    return (serverName === undefined ? undefined : this.#named.find(serverName)) ?? this.#default;
  }
}
