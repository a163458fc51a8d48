import type { SessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { FORGOTTEN, type InvalidationListener, type Invalidations } from '../invalidations.ts';
import { eventually } from './eventually.ts';
import {
  type ArrangeWorld,
  endpointOf,
  IDLE_TIMEOUT_MS,
  keyOf,
  pinWith,
  START_MS,
  useNodes,
} from './store-world.ts';

/** A listener that remembers what it was told. */
export class RecordedNews implements InvalidationListener {
  readonly changes: string[] = [];
  missed = 0;

  sessionChanged(key: SessionKey, version: number): void {
    this.changes.push(`${key} ${version}`);
  }

  changesMissed(): void {
    this.missed += 1;
  }
}

/** Subscribes, and waits until news is flowing. */
export async function listenTo(invalidations: Invalidations): Promise<RecordedNews> {
  const news = new RecordedNews();
  invalidations.subscribe(news);
  await eventually('the news is live', () => invalidations.isLive());
  return news;
}

const key = keyOf(1);
const moved = pinWith({ endpoint: endpointOf(2), version: 2 });

/** The guarantees of `Invalidations`. */
export function invalidationsContract(arrange: ArrangeWorld): void {
  describe('invalidations', () => {
    const nodes = useNodes(arrange);

    it('tell the other node of a re-pin, with the version that now stands', async () => {
      const { a, b } = nodes();
      const news = await listenTo(b.invalidations);
      await a.sessions.pin(key, pinWith(), START_MS);
      await a.sessions.repin(key, 1, moved, START_MS);
      await eventually('the re-pin is told', () => news.changes.includes(`${key} 2`));
    });

    it('tell the other node of an unpin, as a version that never stands', async () => {
      const { a, b } = nodes();
      const news = await listenTo(b.invalidations);
      await a.sessions.pin(key, pinWith({ version: 3 }), START_MS);
      await a.sessions.unpin(key, undefined, START_MS);
      await eventually('the unpin is told', () => news.changes.includes(`${key} ${FORGOTTEN}`));
    });

    it('tell nothing of new pins, of touches, and of what changed nothing', async () => {
      const { a, b } = nodes();
      const news = await listenTo(b.invalidations);
      await a.sessions.pin(key, pinWith(), START_MS);
      await a.sessions.touch(
        [{ key, endpoint: endpointOf(1), version: 1, expiresAtMs: START_MS + IDLE_TIMEOUT_MS + 1 }],
        START_MS,
      );
      await a.sessions.repin(key, 7, { ...moved, version: 8 }, START_MS);
      await a.sessions.unpin(key, 7, START_MS);
      await a.sessions.unpin(keyOf(2), undefined, START_MS);
      // News keeps its order: when the last change has arrived, anything before it would have, too.
      await a.sessions.unpin(key, 1, START_MS);
      await eventually('the last change is told', () => news.changes.length > 0);
      expect(news.changes).toEqual([`${key} ${FORGOTTEN}`]);
    });

    it('tell every listener of every node', async () => {
      const { a, b, open } = nodes();
      const c = await open();
      const all = await Promise.all([b, b, c].map(({ invalidations }) => listenTo(invalidations)));
      await a.sessions.repin(key, 1, moved, START_MS);
      for (const news of all) await eventually('the re-pin is told', () => news.changes.includes(`${key} 2`));
    });
  });
}
