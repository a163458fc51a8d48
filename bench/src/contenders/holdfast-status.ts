import { BenchError } from '../bench-error.ts';

/** How often each operation of the session map was called since Holdfast started. */
export type StoreOperations = Readonly<Record<(typeof STORE_OPERATIONS)[number], number>>;

export const STORE_OPERATIONS = ['find', 'pin', 'repin', 'touch', 'unpin'] as const;

/** Asks a Holdfast node's admin listener. Throws a {@link BenchError} when the answer has no counters. */
export async function readStoreOperations(adminPort: number): Promise<StoreOperations> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/status`);
  const status = (await response.json()) as { readonly store?: { readonly operations?: StoreOperations } };
  const operations = status.store?.operations;
  if (operations === undefined)
    throw new BenchError(`GET /status of Holdfast has no store.operations (${response.status})`);
  return operations;
}

/** The operations between two readings. */
export function operationsBetween(before: StoreOperations, after: StoreOperations): StoreOperations {
  const differences = STORE_OPERATIONS.map(
    (name) => [name, (after[name] ?? 0) - (before[name] ?? 0)] as const,
  );
  return Object.fromEntries(differences) as StoreOperations;
}
