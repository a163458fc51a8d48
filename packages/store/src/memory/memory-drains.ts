import { type Drains, decideDrain } from '../drains.ts';
import type { SessionMap } from './session-map.ts';

/** @param assertOpen throws once the store is closed */
export function memoryDrains({ drains }: SessionMap, assertOpen: (what: string) => void): Drains {
  return {
    async list() {
      assertOpen('list drains');
      return [...drains.values()].sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1));
    },

    async change(endpoint, expected, next) {
      assertOpen('change a drain');
      const { result, writes } = decideDrain(drains.get(endpoint), expected, next);
      if (writes && next === undefined) drains.delete(endpoint);
      else if (writes && next !== undefined) drains.set(endpoint, next);
      return result;
    },
  };
}
