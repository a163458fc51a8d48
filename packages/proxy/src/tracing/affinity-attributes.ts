import type { Resolution } from '../affinity/affinity.ts';
import { sessionPrefix } from '../record/access-log.ts';
import type { SpanAttributes } from './span.ts';

/** Where the session was, and why the request went where it did. Its hash is what log lines show of the session. */
export function addAffinity(attributes: SpanAttributes, resolution: Resolution | undefined): void {
  if (resolution === undefined) return;
  const { endpoint, outcome, source, tier, reason, session } = resolution;
  attributes['holdfast.affinity.outcome'] = outcome;
  attributes['holdfast.affinity.source'] = source;
  attributes['holdfast.affinity.tier'] = tier;
  if (reason !== undefined) attributes['holdfast.affinity.repin.reason'] = reason;
  if (endpoint !== undefined) attributes['holdfast.endpoint'] = endpoint.id;
  if (session !== undefined) attributes['holdfast.session.hash'] = sessionPrefix(session.key);
}
