/** A node, and what it has just said of itself. */
export interface NodeState {
  readonly address: string;
  readonly isReady: boolean;
}

/**
 * The addresses that the name is to stand for: those of the nodes that are ready. Where none is, those that it stands for
 * already: a name without addresses helps nobody, and a node that is asked may answer all the same.
 */
export function namedAddresses(states: readonly NodeState[], named: readonly string[]): readonly string[] {
  const ready = states.filter(({ isReady }) => isReady).map(({ address }) => address);
  return ready.length > 0 ? ready : named;
}
