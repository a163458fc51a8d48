/**
 * Whether a store is asked at all. While the circuit is closed operations flow; once the store has failed too
 * often or for too long it is open, and nobody waits for a store that will not answer; from time to time it is
 * half-open, and one probe finds out whether the store is back.
 */
export type Circuit =
  | { readonly kind: 'closed' }
  | {
      readonly kind: 'failing';
      readonly failures: number;
      /** When the first of the failures in a row was begun, on the clock that never goes back. */
      readonly sinceMs: number;
    }
  | { readonly kind: 'open' }
  | { readonly kind: 'half-open' };

/** What the circuit is told. Operations that were under way when it opened still report, and no longer matter. */
export type CircuitEvent =
  | { readonly kind: 'answered' }
  | { readonly kind: 'failed'; readonly startedAtMs: number; readonly atMs: number }
  | { readonly kind: 'probe-started' }
  | { readonly kind: 'probe-answered' }
  | { readonly kind: 'probe-failed' };

/** When the circuit opens, whichever comes first. */
export interface CircuitLimits {
  /** Failures in a row. */
  readonly failuresMax: number;
  /** How long nothing but failures came back, from the beginning of the first. */
  readonly failingMsMax: number;
}

/** The circuit of a store that answers. */
export const closedCircuit: Circuit = { kind: 'closed' };

/** Whether operations are let through to the store. */
export const isFlowing = (circuit: Circuit): boolean =>
  circuit.kind === 'closed' || circuit.kind === 'failing';

/** The one place where a circuit changes. An event that says nothing new leaves it as it is. */
export function nextCircuit(circuit: Circuit, event: CircuitEvent, limits: CircuitLimits): Circuit {
  switch (circuit.kind) {
    case 'closed':
      if (event.kind !== 'failed') return circuit;
      return failed({ failures: 1, sinceMs: event.startedAtMs }, event.atMs, limits);
    case 'failing':
      if (event.kind === 'answered') return closedCircuit;
      if (event.kind !== 'failed') return circuit;
      return failed({ failures: circuit.failures + 1, sinceMs: circuit.sinceMs }, event.atMs, limits);
    case 'open':
      return event.kind === 'probe-started' ? { kind: 'half-open' } : circuit;
    case 'half-open':
      if (event.kind === 'probe-answered') return closedCircuit;
      return event.kind === 'probe-failed' ? { kind: 'open' } : circuit;
  }
}

function failed(run: { failures: number; sinceMs: number }, atMs: number, limits: CircuitLimits): Circuit {
  const isTooMany = run.failures >= limits.failuresMax;
  const isTooLong = atMs - run.sinceMs >= limits.failingMsMax;
  return isTooMany || isTooLong ? { kind: 'open' } : { kind: 'failing', ...run };
}
