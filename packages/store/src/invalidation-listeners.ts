import type { SessionKey } from '@holdfast/shared';
import type { InvalidationListener } from './invalidations.ts';

/** The listeners of one store, addressed as if they were one. */
export class InvalidationListeners implements InvalidationListener {
  readonly #listeners: InvalidationListener[] = [];

  add(listener: InvalidationListener): void {
    this.#listeners.push(listener);
  }

  sessionChanged(key: SessionKey, version: number): void {
    for (const listener of this.#listeners) listener.sessionChanged(key, version);
  }

  changesMissed(): void {
    for (const listener of this.#listeners) listener.changesMissed();
  }
}
