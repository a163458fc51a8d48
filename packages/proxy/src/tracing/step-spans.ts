import type { Resolution } from '../affinity/affinity.ts';
import { addAffinity } from './affinity-attributes.ts';
import type { SpanAttributes, SpanContent } from './span.ts';
import type { Step, StoreOperation } from './step.ts';

/** What the span of a step says. @param resolution what it came to, if that is known */
export function stepSpan({ name }: Step, pool: string, resolution: Resolution | undefined): SpanContent {
  const attributes: SpanAttributes = { 'holdfast.pool': pool };
  addAffinity(attributes, resolution);
  return { kind: 'internal', name, attributes, isError: false };
}

/**
 * What the span of an operation of the store says, by the semantic conventions of database clients, without what it was
 * asked: keys are what sessions are found by.
 *
 * @param storeKind `redis`, `sqlite` or `memory`
 */
export function operationSpan(operation: StoreOperation, storeKind: string): SpanContent {
  const { name } = operation;
  const attributes: SpanAttributes = { 'db.system.name': storeKind, 'db.operation.name': name };
  // What has not come to an end was given up at the deadline of the store's guard.
  const error = operation.error ?? (operation.endedAtMs === undefined ? 'STORE_UNAVAILABLE' : undefined);
  if (error !== undefined) attributes['error.type'] = error;
  return { kind: 'client', name, attributes, isError: error !== undefined };
}
