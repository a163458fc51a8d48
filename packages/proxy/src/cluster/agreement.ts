import type { Agreement, Endpoint } from '../pool/endpoint.ts';

/** Two nodes that differ have no majority: then each goes by what it holds itself. */
const VOTERS_MIN = 3;

/**
 * What a cluster has come to about an endpoint: more than half of the living nodes that have its pool must hold it down.
 *
 * @param own whether this node holds it down
 * @param others whether each of the others does that has a vote
 */
export function agreementOn(own: boolean, others: readonly boolean[]): Agreement {
  const voters = others.length + 1;
  if (voters < VOTERS_MIN) return 'none';
  const down = others.filter((isDown) => isDown).length + (own ? 1 : 0);
  return down * 2 > voters ? 'down' : 'up';
}

/**
 * Whether a node is cut off: of the endpoints that the cluster holds up, it alone does not reach more than half. Others
 * serve its clients better.
 */
export function isCutOff(endpoints: readonly Pick<Endpoint, 'standing' | 'agreement'>[]): boolean {
  const living = endpoints.filter(({ agreement }) => agreement === 'up');
  return living.filter(({ standing }) => standing === 'suspect').length * 2 > living.length;
}
