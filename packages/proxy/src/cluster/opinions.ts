import type { EndpointId, NodeId } from '@holdfast/shared';
import type { PoolOpinion } from '@holdfast/store';
import type { Pool } from '../pool/pool.ts';
import type { Member } from './member.ts';

/** A record stays readable however much is down. What is left out is the same on every node. */
const POOLS_MAX = 500;
const DOWN_MAX = 1_000;

/** What this node holds of the endpoints of its pools, for the others. */
export function opinionsOf(pools: Iterable<Pool>): readonly PoolOpinion[] {
  const named = [...pools].sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, POOLS_MAX);
  let room = DOWN_MAX;
  return named.map(({ name, endpoints }) => {
    const down = heldDown(endpoints).slice(0, room);
    room -= down.length;
    return { pool: name, down };
  });
}

const heldDown = (endpoints: Pool['endpoints']): readonly EndpointId[] =>
  endpoints
    .filter(({ isHeldDown }) => isHeldDown)
    .map(({ id }) => id)
    .sort();

/** What each of these members holds down of a pool that it has. */
export function votesOn(
  { name }: Pool,
  members: Iterable<Member>,
): ReadonlyMap<NodeId, ReadonlySet<EndpointId>> {
  const votes = new Map<NodeId, ReadonlySet<EndpointId>>();
  for (const member of members) {
    const opinion = member.record.opinions.find(({ pool }) => pool === name);
    if (opinion !== undefined) votes.set(member.record.node, new Set(opinion.down));
  }
  return votes;
}
