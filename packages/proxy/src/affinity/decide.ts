import {
  type Arrival,
  type EndpointId,
  type EpochMs,
  laterPin,
  type MoveReason,
  type Pin,
} from '@holdfast/shared';

/**
 * The decision: given what is known of a session, where does this request go, and what becomes of the pin?
 *
 * A pure function over values. It never talks to the store and never selects an endpoint by balance; it says
 * which of these must happen. Its table is `decide.spec.ts`, which reads as the specification.
 */

/** What this node has learned of a session so far. */
export type Knowledge =
  /** A living pin, from the near cache or the store. */
  | { readonly kind: 'pinned'; readonly pin: Pin }
  /** The store answered: there is no living pin. */
  | { readonly kind: 'unpinned' }
  /** The store did not answer; the pin is what this node remembers, or has just tried to write, if anything. */
  | { readonly kind: 'store-unavailable'; readonly pin: Pin | undefined };

/** How an endpoint stands, as far as this node's configuration and health checks know. */
export type Standing =
  | { readonly kind: 'serving' }
  | { readonly kind: 'draining'; readonly sinceMs: EpochMs }
  | { readonly kind: 'down' }
  /** Down for this node, and the cluster does not agree, or not yet. */
  | { readonly kind: 'suspect' }
  /** It has all the requests that it may have, another one has not, and sessions are not to wait. */
  | { readonly kind: 'busy' }
  /** Another process serves at its address than the session came to. */
  | { readonly kind: 'replaced' }
  /** Not in this node's configuration: removed, or not yet pushed here. */
  | { readonly kind: 'unknown' }
  /** Discovery named it once, and has not for so long that no node can have it. */
  | { readonly kind: 'gone' };

export interface Situation {
  readonly knowledge: Knowledge;
  /** The pin that the client's cookie vouches for. An unknown endpoint has no id here. Absent if there is none. */
  readonly vouched: Vouched | undefined;
  readonly standingOf: (pin: Pin) => Standing;
  /** Whether any endpoint of the pool may serve. */
  readonly anyUsable: boolean;
  readonly onEndpointDown: 'repin' | 'fail';
}

/**
 * What a fresh sealed cookie says of a session: a pin, or that it was at an endpoint that this node does not know. Where the
 * store has lost a pin, the node's own memory can say it as well.
 */
export type Vouched =
  | { readonly kind: 'known'; readonly pin: Pin; readonly isRemembered?: true }
  | { readonly kind: 'endpoint-unknown'; readonly version: number; readonly endsAtMs: EpochMs };

export type Decision =
  /** Serve at the pinned endpoint. */
  | { readonly kind: 'keep'; readonly pin: Pin }
  /** It was moved there between its requests: of those that come now, the one that writes the pin anew tells the endpoint. */
  | { readonly kind: 'arrive'; readonly pin: Pin; readonly arrival: Arrival }
  /** The store has lost what the cookie vouches for: write `pin` back, over `expectedVersion` if the store has one. */
  | { readonly kind: 'adopt'; readonly pin: Pin; readonly expectedVersion: number }
  /** The session is new: the balance policy chooses, and `version` is the first. */
  | { readonly kind: 'pin'; readonly version: number }
  /** Its endpoint is unusable: it moves to where every node computes, by compare-and-set on the version. */
  | { readonly kind: 'repin'; readonly from: Pin; readonly reason: MoveReason }
  /**
   * Serve without touching the pin: at the endpoint of `pin`, or where hashing says. The client's cookie then
   * carries `cookieVersion`, so that it wins when the store is back; undefined leaves the cookie as it is.
   */
  | {
      readonly kind: 'fallback';
      readonly pin: Pin | undefined;
      readonly cookieVersion: number | undefined;
      /** The endpoint that the session is known to have been at and that cannot serve it now. */
      readonly from: EndpointId | undefined;
      /** Why the session is not served where it was; undefined where it is, or where that is not known. */
      readonly reason: MoveReason | undefined;
      /** The pin that stands all the same, as the session map has it: the session is alive, if not there. */
      readonly kept?: Pin;
    }
  /** Nobody may serve this request now. The pin is kept. */
  | { readonly kind: 'refuse'; readonly reason: 'all-down' | 'endpoint-down' };

export function decide(situation: Situation): Decision {
  const { knowledge, vouched } = situation;
  switch (knowledge.kind) {
    case 'pinned':
      return isOutdated(knowledge.pin, vouched)
        ? { kind: 'adopt', pin: vouched.pin, expectedVersion: knowledge.pin.version }
        : decidePinned(situation, knowledge.pin);
    case 'unpinned':
      return vouched === undefined ? decideNew(situation, 1) : decideUnpinned(situation, vouched);
    case 'store-unavailable':
      return decideAlone(situation, knowledge.pin);
  }
}

/** The store is behind what it once acknowledged: it has lost a write at a failover. The higher version wins. */
function isOutdated(pin: Pin, vouched: Vouched | undefined): vouched is Vouched & { kind: 'known' } {
  return vouched?.kind === 'known' && vouched.pin.version > pin.version;
}

function decidePinned(situation: Situation, pin: Pin): Decision {
  const reason = reasonToMove(situation.standingOf(pin), pin);
  const { arrival } = pin;
  if (reason === undefined)
    return arrival === undefined ? { kind: 'keep', pin } : { kind: 'arrive', pin, arrival };
  if (!situation.anyUsable) return { kind: 'refuse', reason: 'all-down' };
  if (reason === 'endpoint-removed') return leftAsItIs(reason);
  if (isOutOfReach(reason) && situation.onEndpointDown === 'fail')
    return { kind: 'refuse', reason: 'endpoint-down' };
  if (reason === 'endpoint-suspect') return { ...leftAsItIs(reason), kept: pin };
  return { kind: 'repin', from: pin, reason };
}

/**
 * Served elsewhere, and nothing else: a node whose configuration is behind must not overwrite what a newer one has
 * decided, and one that alone holds an endpoint down must not move its sessions away from the others.
 */
const leftAsItIs = (reason: MoveReason): Decision & { kind: 'fallback' } => ({
  kind: 'fallback',
  pin: undefined,
  cookieVersion: undefined,
  from: undefined,
  reason,
});

const isOutOfReach = (reason: MoveReason | undefined): boolean =>
  reason === 'endpoint-down' || reason === 'endpoint-suspect';

function decideUnpinned(situation: Situation, vouched: Vouched): Decision {
  if (vouched.kind === 'endpoint-unknown') return decideNew(situation, vouched.version + 1);
  // Writing back what was true does not depend on health; a move, if it needs one, comes after it.
  return { kind: 'adopt', pin: vouched.pin, expectedVersion: 0 };
}

function decideNew(situation: Situation, version: number): Decision {
  return situation.anyUsable ? { kind: 'pin', version } : { kind: 'refuse', reason: 'all-down' };
}

/** Without the store: the latest thing known, if its endpoint can serve; else the place that every node computes. */
function decideAlone(situation: Situation, cached: Pin | undefined): Decision {
  const { vouched, standingOf, anyUsable, onEndpointDown } = situation;
  const latest = latestOf(cached, vouched);
  const reason = isBehind(latest, vouched)
    ? 'endpoint-removed'
    : latest && reasonToMove(standingOf(latest), latest);
  if (latest !== undefined && (reason === undefined || CAN_STAY.has(reason))) {
    const { version: cookieVersion } = latest;
    return { kind: 'fallback', pin: latest, cookieVersion, from: undefined, reason: undefined };
  }
  if (!anyUsable) return { kind: 'refuse', reason: 'all-down' };
  if (reason === 'endpoint-removed') return leftAsItIs(reason);
  if (isOutOfReach(reason) && onEndpointDown === 'fail') return { kind: 'refuse', reason: 'endpoint-down' };
  if (reason === 'endpoint-suspect') return leftAsItIs(reason);
  const cookieVersion = latest === undefined ? 1 : latest.version + 1;
  return { kind: 'fallback', pin: undefined, cookieVersion, from: latest?.endpoint, reason };
}

/** Without the store nothing moves that can stay: a busy endpoint serves, if later. */
const CAN_STAY: ReadonlySet<MoveReason> = new Set(['endpoint-drained', 'endpoint-busy']);

function latestOf(cached: Pin | undefined, vouched: Vouched | undefined): Pin | undefined {
  if (vouched?.kind !== 'known') return cached;
  return cached === undefined ? vouched.pin : laterPin(cached, vouched.pin);
}

/** The cookie is of a later place than this node knows of. */
const isBehind = (latest: Pin | undefined, vouched: Vouched | undefined): boolean =>
  vouched?.kind === 'endpoint-unknown' && vouched.version > (latest?.version ?? 0);

/** Why a pin cannot be followed; undefined if it can. */
function reasonToMove(standing: Standing, pin: Pin): MoveReason | undefined {
  switch (standing.kind) {
    case 'serving':
      return undefined;
    case 'draining':
      return pin.pinnedAtMs < standing.sinceMs ? undefined : 'endpoint-drained';
    case 'down':
      return 'endpoint-down';
    case 'suspect':
      return 'endpoint-suspect';
    case 'busy':
      return 'endpoint-busy';
    case 'replaced':
      return 'endpoint-replaced';
    case 'unknown':
      return 'endpoint-removed';
    case 'gone':
      return 'endpoint-gone';
  }
}
