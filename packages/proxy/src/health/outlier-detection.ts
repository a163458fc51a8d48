import type { EpochMs } from '@holdfast/shared';

/**
 * What requests say about an endpoint.
 *
 * - `trusted`: the endpoint is up; the counts are failures in a row, by kind
 * - `ejected`: the endpoint is down until `untilMs`, or until probes pass where there are any
 * - `on-trial`: the ejection is over; the endpoint is up, and one more failure ejects it again
 */
export type OutlierState =
  | { readonly kind: 'trusted'; readonly connectFailures: number; readonly requestFailures: number }
  | { readonly kind: 'ejected'; readonly untilMs: EpochMs }
  | { readonly kind: 'on-trial' };

/**
 * What a request, or the time, told of an endpoint. An answer of any status counts as `answered`: an error
 * that an endpoint reports is not an error of reaching it. `recovered` is said by active checks.
 */
export type OutlierEvent = 'answered' | 'connect-failed' | 'request-failed' | 'ejection-over' | 'recovered';

export interface OutlierThresholds {
  /** Failed connection attempts in a row that eject. */
  readonly connectFailures: number;
  /** Resets and timeouts in a row that eject. */
  readonly consecutiveFailures: number;
  /** How long an ejection lasts. */
  readonly ejectionTime: number;
}

export const initialOutlier: OutlierState = { kind: 'trusted', connectFailures: 0, requestFailures: 0 };

const onTrial: OutlierState = { kind: 'on-trial' };

const isSpotless = (state: OutlierState): boolean =>
  state.kind === 'trusted' && state.connectFailures === 0 && state.requestFailures === 0;

/** The only way from one state to the next. */
export function afterEvent(
  state: OutlierState,
  event: OutlierEvent,
  thresholds: OutlierThresholds,
  nowMs: EpochMs,
): OutlierState {
  const ejected = (): OutlierState => ({ kind: 'ejected', untilMs: nowMs + thresholds.ejectionTime });
  switch (event) {
    // A late answer of a request that was sent before the ejection says nothing of the endpoint now.
    case 'answered':
      return state.kind === 'ejected' || isSpotless(state) ? state : initialOutlier;
    case 'recovered':
      return isSpotless(state) ? state : initialOutlier;
    case 'ejection-over':
      return state.kind === 'ejected' ? onTrial : state;
    default:
      break;
  }
  if (state.kind === 'ejected') return state;
  if (state.kind === 'on-trial') return ejected();
  const connectFailures = state.connectFailures + (event === 'connect-failed' ? 1 : 0);
  const requestFailures = state.requestFailures + (event === 'request-failed' ? 1 : 0);
  const isOutlier =
    connectFailures >= thresholds.connectFailures || requestFailures >= thresholds.consecutiveFailures;
  return isOutlier ? ejected() : { kind: 'trusted', connectFailures, requestFailures };
}
