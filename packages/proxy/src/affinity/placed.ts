import type {
  AffinityOutcome,
  AffinityTier,
  EndpointId,
  MoveReason,
  Pin,
  SessionKey,
} from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';

/** Where a session is, once the store has had its say. */
export interface Placed {
  readonly kind: 'placed';
  readonly key: SessionKey;
  readonly endpoint: Endpoint | undefined;
  readonly refusal: 'all-down' | 'endpoint-down' | 'store-unavailable' | undefined;
  readonly outcome: AffinityOutcome;
  readonly tier: AffinityTier;
  readonly reason: MoveReason | undefined;
  readonly pin: Pin | undefined;
  /** Whether the store holds `pin`; false for what this node goes by while the store is unavailable, or has lost it. */
  readonly confirmed: boolean;
  readonly movedFrom: EndpointId | undefined;
  /** The endpoint to which the session stays pinned, where this request is served by another one. */
  readonly keptAt?: EndpointId | undefined;
}

/** The session of a voucher that nobody remembers and that is too old to speak for itself. */
export interface Forgotten {
  readonly kind: 'forgotten';
}

/** Served without moving or consulting the pin. */
export const elsewhere = (key: SessionKey, endpoint: Endpoint): Placed => ({
  kind: 'placed',
  key,
  endpoint,
  refusal: undefined,
  outcome: 'fallback',
  tier: 'hash',
  reason: undefined,
  pin: undefined,
  confirmed: false,
  movedFrom: undefined,
});

export const refused = (key: SessionKey, refusal: NonNullable<Placed['refusal']>): Placed => ({
  kind: 'placed',
  key,
  endpoint: undefined,
  refusal,
  outcome: 'none',
  tier: 'none',
  reason: undefined,
  pin: undefined,
  confirmed: false,
  movedFrom: undefined,
});

/** A request that shared another's resolution follows it: what the other has done is counted and told once. */
export function asFollower(resolved: Placed | Forgotten): Placed | Forgotten {
  if (resolved.kind === 'forgotten') return resolved;
  const isByOther = resolved.outcome === 'created' || resolved.outcome === 'repinned';
  if (!isByOther && resolved.movedFrom === undefined) return resolved;
  return { ...resolved, outcome: isByOther ? 'adopted' : resolved.outcome, movedFrom: undefined };
}

/** Whether the place is only where hashing would put the session, because the store could not say whether it is known. */
export const isGuess = ({ refusal, tier, pin }: Placed): boolean =>
  refusal === 'store-unavailable' || (tier === 'hash' && pin !== undefined);
