import { beforeAll, describe, expect, it } from 'vitest';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { forgetPeakMemory, peakMemory } from '../support/process-memory.ts';
import { useStage } from '../support/stage.ts';
import { type Arrival, arrivalOf, download, type Framing, upload } from './transfer.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const FRAMINGS: readonly Framing[] = ['length', 'chunked'];
/**
 * What a node may grow by over all of these bodies together: the garbage between two collections, which is some tens of
 * MiB however long a body is. A node that kept a fortieth of what flows through it would be found out.
 */
const GROWTH_MAX = 128 * MIB;

describe('a body of one GiB', () => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let whole: Arrival;
  let peakBefore = 0;

  beforeAll(async () => {
    whole = arrivalOf(GIB);
    await stage().startEndpoints(1);
    node = await stage().startNode();
    // The first large transfers make the heap and its buffers as large as they need to be; that is no growth.
    for (const framing of FRAMINGS) {
      await download(node.origin, 64 * MIB, framing);
      await upload(node.origin, 64 * MIB, framing);
    }
    await forgetPeakMemory(node.child.pid);
    peakBefore = await peakMemory(node.child.pid);
  });

  const growth = async (): Promise<number> => (await peakMemory(node.child.pid)) - peakBefore;

  it.each(FRAMINGS)('comes down whole, in bounded memory of the node (%s)', async (framing) => {
    expect(await download(node.origin, GIB, framing)).toEqual(whole);
    expect(await growth()).toBeLessThan(GROWTH_MAX);
  });

  it.each(FRAMINGS)('goes up whole, in bounded memory of the node (%s)', async (framing) => {
    expect(await upload(node.origin, GIB, framing)).toEqual(whole);
    expect(await growth()).toBeLessThan(GROWTH_MAX);
  });

  it.each(FRAMINGS)(
    'comes down whole to a client that reads in fits and starts, in bounded memory of the node (%s)',
    async (framing) => {
      const pauses = { pauseMs: 10, everyBytes: 8 * MIB };
      expect(await download(node.origin, GIB, framing, pauses)).toEqual(whole);
      expect(await growth()).toBeLessThan(GROWTH_MAX);
    },
  );
});
