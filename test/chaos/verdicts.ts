import type { Fact } from '../support/history/history.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';

const SHUNNED: ReadonlySet<unknown> = new Set(['suspect', 'down']);

/** What a node has said of the endpoints of pool `shop`. */
export const verdictsOf = ({ name: node, events }: HoldfastNode): readonly Fact[] =>
  events.flatMap(({ endpoint, from, to, time }) => {
    const [, id] = /^shop\/(.+)$/.exec(String(endpoint)) ?? [];
    if (id === undefined || SHUNNED.has(from) === SHUNNED.has(to)) return [];
    const kind = SHUNNED.has(to) ? 'held-down' : 'held-up';
    return [{ kind, node, endpoint: id, atMs: Date.parse(String(time)) }];
  });
