import { observedStore, type Store } from '@holdfast/store';
import { currentStep } from './step.ts';

/**
 * Decorates a store so that what a traced request asks of it becomes part of its trace. Touches go in batches, behind the
 * requests, and are part of none.
 */
export const tracedStore = (store: Store): Store =>
  observedStore(store, (operation, _sessions, work) =>
    operation === 'touch' ? work() : (currentStep.getStore()?.operation(operation, work) ?? work()),
  );
