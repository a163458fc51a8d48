import type { Membership } from '../membership.ts';
import type { SessionMap } from './session-map.ts';

/** @param assertOpen throws once the store is closed */
export function memoryMembership({ members }: SessionMap, assertOpen: (what: string) => void): Membership {
  return {
    async beat(record, validUntilMs, nowMs) {
      assertOpen('beat');
      for (const [node, known] of members) if (known.validUntilMs <= nowMs) members.delete(node);
      members.set(record.node, { record, validUntilMs });
    },

    async list(nowMs) {
      assertOpen('list members');
      return [...members.values()]
        .filter(({ validUntilMs }) => validUntilMs > nowMs)
        .map(({ record }) => record)
        .sort((a, b) => (a.node < b.node ? -1 : 1));
    },
  };
}
