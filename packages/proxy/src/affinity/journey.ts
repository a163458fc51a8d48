import type { AffinityOutcome, AffinityTier, EndpointId, MoveReason } from '@holdfast/shared';
import type { Decision, Vouched } from './decide.ts';

/** The decisions that write to the store. */
export type WritingDecision = Decision & { readonly kind: 'adopt' | 'arrive' | 'pin' | 'repin' };

/** The version over which a decision writes; 0: only if the session has no pin. */
export function versionBefore(decision: WritingDecision): number {
  switch (decision.kind) {
    case 'adopt':
      return decision.expectedVersion;
    case 'arrive':
      return decision.pin.version;
    case 'pin':
      return 0;
    case 'repin':
      return decision.from.version;
  }
}

/** What has happened to a session on the way to its place; starts as an ordinary hit in the store. */
export interface Journey {
  outcome: AffinityOutcome;
  tier: AffinityTier;
  reason: MoveReason | undefined;
  movedFrom: EndpointId | undefined;
  /** Whether the store holds the pin by which the session is placed. */
  confirmed: boolean;
}

/** What this node's own successful write means for the request. */
export function written(decision: WritingDecision, vouched: Vouched | undefined): Partial<Journey> {
  const confirmed = true;
  switch (decision.kind) {
    case 'adopt':
      return { outcome: 'adopted', tier: tierOf(vouched), confirmed };
    case 'arrive':
      return { outcome: 'adopted', tier: 'store', ...moveOf(decision), confirmed };
    case 'pin':
      return { outcome: 'created', tier: 'none', confirmed };
    case 'repin':
      return { outcome: 'repinned', tier: 'store', ...moveOf(decision), confirmed };
  }
}

/** What it means that a session which the store has lost is not written back with this request. */
export const unwritten = (vouched: Vouched | undefined): Partial<Journey> => ({
  outcome: 'fallback',
  tier: tierOf(vouched),
  confirmed: false,
});

/** Who has spoken for a session that the store has lost. */
const tierOf = (vouched: Vouched | undefined): AffinityTier =>
  vouched?.kind === 'known' && vouched.isRemembered ? 'near' : 'cookie';

/** Where a session was when it was last served, and why it is elsewhere now. */
export function moveOf(
  decision: Decision & { readonly kind: 'arrive' | 'repin' },
): Pick<Journey, 'reason' | 'movedFrom'> {
  if (decision.kind === 'arrive')
    return { reason: decision.arrival.reason, movedFrom: decision.arrival.from };
  const { from, reason } = decision;
  return { reason, movedFrom: from.arrival?.from ?? from.endpoint };
}

/** What it means that another node was first. */
export const followed = (decision: Decision): Partial<Journey> => ({
  outcome: 'adopted',
  tier: 'store',
  reason: decision.kind === 'repin' ? decision.reason : undefined,
  confirmed: true,
});
