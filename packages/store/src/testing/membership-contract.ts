import { nodeId, poolName } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { MemberRecord, Membership } from '../membership.ts';
import { type ArrangeWorld, endpointOf, START_MS, useNodes } from './store-world.ts';

/** How long the beats of these stories are good. */
const VALID_MS = 30_000;

/** The first beat of a node with pool `shop` that holds nothing down, with what a test wants otherwise. */
export const memberOf = (node: string, changes: Partial<MemberRecord> = {}): MemberRecord => ({
  node: nodeId(node),
  startedAtMs: START_MS,
  beat: 1,
  release: '1.2.3',
  phase: 'serving',
  fingerprint: '0123456789abcdef',
  opinions: [{ pool: poolName('shop'), down: [] }],
  ...changes,
});

/** The guarantees of `Membership`. */
export function membershipContract(arrange: ArrangeWorld): void {
  const nodes = useNodes(arrange);
  const a = (): Membership => nodes().a.membership;
  const b = (): Membership => nodes().b.membership;
  const beat = (membership: Membership, record: MemberRecord, atMs = START_MS): Promise<void> =>
    membership.beat(record, atMs + VALID_MS, atMs);

  describe('members', () => {
    it('are none at first', async () => {
      expect(await a().list(START_MS)).toEqual([]);
    });

    it('are known to every node, in the order of their ids, with all that they say', async () => {
      const second = memberOf('node-2', {
        phase: 'leaving',
        opinions: [
          { pool: poolName('shop'), down: [endpointOf(1), endpointOf(2)] },
          { pool: poolName('none of them down'), down: [] },
        ],
      });
      await beat(b(), second);
      await beat(a(), memberOf('node-1'));
      for (const membership of [a(), b(), (await nodes().open()).membership])
        expect(await membership.list(START_MS)).toEqual([memberOf('node-1'), second]);
    });

    it('are known by what they have said last, whether that is more or less than before', async () => {
      const words = [
        memberOf('node-1', { opinions: [{ pool: poolName('shop'), down: [endpointOf(1)] }] }),
        memberOf('node-1', { beat: 2, opinions: [] }),
        memberOf('node-1', { beat: 3, phase: 'left' }),
        memberOf('node-1', { startedAtMs: START_MS + 5, beat: 0, phase: 'starting' }),
      ];
      for (const record of words) {
        await beat(a(), record);
        expect(await b().list(START_MS)).toEqual([record]);
      }
    });

    it('stay the same when a beat is repeated after a lost reply', async () => {
      for (let turn = 0; turn < 2; turn++) await beat(a(), memberOf('node-1'));
      expect(await b().list(START_MS)).toEqual([memberOf('node-1')]);
    });

    it('are forgotten when the time of their last beat is over, and no earlier', async () => {
      await beat(a(), memberOf('node-1'));
      await beat(a(), memberOf('node-2'), START_MS + 1);
      expect(await b().list(START_MS + VALID_MS - 1)).toHaveLength(2);
      expect(await b().list(START_MS + VALID_MS)).toEqual([memberOf('node-2')]);
      // A clock that goes back finds nobody who has been cleared away meanwhile.
      await beat(a(), memberOf('node-2'), START_MS + VALID_MS);
      expect(await b().list(START_MS)).toEqual([memberOf('node-2')]);
    });

    it('are told apart, however many beat at one moment', async () => {
      const records = Array.from({ length: 20 }, (_, index) => memberOf(`node-${index + 10}`));
      await Promise.all(records.map((record, index) => beat(index % 2 === 0 ? a() : b(), record)));
      expect(await a().list(START_MS)).toEqual(records);
    });

    it('may have names and opinions of any characters', async () => {
      const record = memberOf('näme "with" {braces} \\ and 0 1', {
        release: '1.0.0-rc.1+build 5',
        opinions: [{ pool: poolName('a%d b'), down: [] }],
      });
      await beat(a(), record);
      expect(await b().list(START_MS)).toEqual([record]);
    });

    it('are neither sessions nor drains', async () => {
      await beat(a(), memberOf('node-1'));
      expect(await nodes().a.drains.list()).toEqual([]);
      expect((await nodes().a.inventory.list({ limit: 10 }, START_MS)).sessions).toEqual([]);
    });
  });
}
