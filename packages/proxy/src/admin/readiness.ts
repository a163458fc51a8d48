import type { NodePhase } from './node-status.ts';

/** Whether new clients should be sent to a node, and why not. */
export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly string[];
}

/** @param isCutOff whether it does not reach most endpoints that the other nodes reach */
export function readinessOf(phase: NodePhase, isCutOff: boolean): Readiness {
  const reasons = [
    ...(phase === 'serving' ? [] : [`the node is ${phase}`]),
    ...(isCutOff ? ['most endpoints that the other nodes reach cannot be reached from here'] : []),
  ];
  return { ready: reasons.length === 0, reasons };
}
