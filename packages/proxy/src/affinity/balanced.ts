import type { AffinitySource, AffinityTier } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Resolution } from './affinity.ts';

/** The answer to a request without a session. */
export const balanced = (
  endpoint: Endpoint | undefined,
  source: AffinitySource = 'none',
  tier: AffinityTier = 'none',
): Resolution => ({
  endpoint,
  refusal: endpoint === undefined ? 'all-down' : undefined,
  outcome: 'none',
  source,
  tier,
  reason: undefined,
  session: undefined,
  movedFrom: undefined,
});
