/**
 * What active checks say about an endpoint.
 *
 * - `passing`: the endpoint is up; `failures` counts failed probes in a row
 * - `failing`: the endpoint is down; `passes` counts passed probes in a row
 *
 * An endpoint starts as passing: a node that has just started must not refuse traffic because it has not
 * probed yet (HAProxy and nginx start the same way).
 */
export type HealthCheckState =
  | { readonly kind: 'passing'; readonly failures: number }
  | { readonly kind: 'failing'; readonly passes: number };

/** How many probes in a row it takes to change one's mind. */
export interface HealthCheckThresholds {
  readonly healthyAfter: number;
  readonly unhealthyAfter: number;
}

/** How one probe ended. */
export type ProbeResult = 'passed' | 'failed';

/** What a probe has found out. */
export interface ProbeReport {
  readonly result: ProbeResult;
  /** Which process has answered, where the health check says how to tell and the answer told. */
  readonly incarnation?: string | undefined;
}

export const initialHealthCheck: HealthCheckState = { kind: 'passing', failures: 0 };

/** The only way from one state to the next. */
export function afterProbe(
  state: HealthCheckState,
  result: ProbeResult,
  thresholds: HealthCheckThresholds,
): HealthCheckState {
  if (state.kind === 'passing') {
    if (result === 'passed') return initialHealthCheck;
    const failures = state.failures + 1;
    return failures >= thresholds.unhealthyAfter
      ? { kind: 'failing', passes: 0 }
      : { kind: 'passing', failures };
  }
  if (result === 'failed') return { kind: 'failing', passes: 0 };
  const passes = state.passes + 1;
  return passes >= thresholds.healthyAfter ? initialHealthCheck : { kind: 'failing', passes };
}
