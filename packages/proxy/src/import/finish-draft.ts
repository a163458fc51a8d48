import { commentedYaml } from './commented-yaml.ts';
import type {
  Draft,
  WrittenAffinity,
  WrittenConfig,
  WrittenListener,
  WrittenPool,
  WrittenRoute,
} from './draft.ts';
import { repaired } from './repair.ts';

/** A draft as the YAML of a configuration that can be run with; undefined where it has nothing to route to. */
export function finishDraft(draft: Draft): string | undefined {
  const pools = draft.pools.filter((pool) => hasEndpoints(draft, pool));
  const names = new Set(pools.map(({ name }) => name));
  for (const listener of draft.listeners) tidyRoutes(draft, listener, names);
  const listeners = draft.listeners.filter((listener) => hasRoutes(draft, listener));
  if (listeners.length === 0) listeners.push(...defaultListeners(draft, pools));
  const config = repaired(draft, { listeners: listeners.map(shortened), pools });
  if (config === undefined) return undefined;
  for (const part of [...config.listeners, ...config.pools]) inCustomaryOrder(part);
  if (config.pools.some(({ affinity }) => isPinning(affinity))) draft.remark(config, NEEDS_SECRET);
  return commentedYaml(config, draft.remarks);
}

const NEEDS_SECRET =
  'Before the first restart, and for a second node: give all nodes the same "secrets", and a "store" that they share.';

/** Not where every node computes the endpoint, or the client's cookie names it. */
const isPinning = (affinity: WrittenAffinity | undefined): boolean =>
  affinity !== undefined &&
  !('mode' in affinity && affinity.mode === 'hash') &&
  !('profile' in affinity && affinity.profile === 'haproxy');

/** The order in which the guides write the keys of a listener and of a pool. Those that are not here come last. */
const CUSTOMARY = [
  'name',
  'listen',
  'protocol',
  'tls',
  'pool',
  'routes',
  'balance',
  'endpoints',
  'affinity',
  'healthCheck',
];

function inCustomaryOrder(part: object): void {
  const rest = Object.keys(part).filter((key) => !CUSTOMARY.includes(key));
  for (const key of [...CUSTOMARY, ...rest]) {
    const value: unknown = Reflect.get(part, key);
    Reflect.deleteProperty(part, key);
    if (value !== undefined) Reflect.set(part, key, value);
  }
}

function hasRoutes(draft: Draft, listener: WrittenListener): boolean {
  if ((listener.routes ?? []).length > 0) return true;
  const place = draft.places.get(listener);
  if (place !== undefined) draft.note(place, `${listener.listen} is left out: nothing is routed from there`);
  return false;
}

function hasEndpoints(draft: Draft, pool: WrittenPool): boolean {
  if (pool.endpoints.length > 0) return true;
  const place = draft.places.get(pool);
  if (place !== undefined) draft.note(place, 'left out: it names no endpoint that could be carried over');
  return false;
}

/** Routes to pools that are not there go, and so does what another route of the listener takes already. */
function tidyRoutes(draft: Draft, listener: WrittenListener, pools: ReadonlySet<string>): void {
  const seen = new Set<string>();
  listener.routes = (listener.routes ?? []).filter((route) => {
    const place = draft.places.get(route) ?? { line: 1, name: route.pool };
    const match = matchKey(route);
    if (!pools.has(route.pool)) draft.note(place, `left out: there is no pool ${route.pool} to route to`);
    else if (seen.has(match)) draft.note(place, 'left out: an earlier route takes the same requests');
    else return seen.add(match);
    return false;
  });
}

const matchKey = ({ match }: WrittenRoute): string =>
  JSON.stringify([
    match?.host?.toLowerCase(),
    match?.sni?.toLowerCase(),
    (match?.path ?? '/').replace(/(?<=.)\/+$/, ''),
  ]);

/** A text of pools alone says nothing of clients, so that the first pool is put where it can be tried. */
function defaultListeners(
  draft: Draft,
  [first]: readonly WrittenConfig['pools'][number][],
): WrittenListener[] {
  if (first === undefined) return [];
  const listener: WrittenListener = { name: 'web', listen: ':8080', pool: first.name };
  draft.remark(listener, 'The imported text names no listener: this one is a proposal.');
  return [listener];
}

/** One route that matches everything is written as the pool of its listener. */
function shortened(listener: WrittenListener): WrittenListener {
  const [only, ...others] = listener.routes ?? [];
  if (only === undefined || others.length > 0 || Object.keys(only.match ?? {}).length > 0) return listener;
  const { routes, ...rest } = listener;
  return Object.assign(listener, { ...rest, routes: undefined, pool: only.pool });
}
