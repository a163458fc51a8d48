import type { AffinityOutcome, AffinityTier, EndpointId, MoveReason } from '@holdfast/shared';
import type { Decision } from './decide.ts';

/** The decisions that write to the store. */
export type WritingDecision = Decision & { readonly kind: 'adopt' | 'pin' | 'repin' };

/** The version over which a decision writes; 0: only if the session has no pin. */
export function versionBefore(decision: WritingDecision): number {
  switch (decision.kind) {
    case 'adopt':
      return decision.expectedVersion;
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
}

/** What this node's own successful write means for the request. */
export function written(decision: WritingDecision): Partial<Journey> {
  switch (decision.kind) {
    case 'adopt':
      return { outcome: 'adopted', tier: 'cookie' };
    case 'pin':
      return { outcome: 'created', tier: 'none' };
    case 'repin':
      return {
        outcome: 'repinned',
        tier: 'store',
        reason: decision.reason,
        movedFrom: decision.from.endpoint,
      };
  }
}

/** What it means that another node was first. */
export const followed = (decision: Decision): Partial<Journey> => ({
  outcome: 'adopted',
  tier: 'store',
  reason: decision.kind === 'repin' ? decision.reason : undefined,
});
