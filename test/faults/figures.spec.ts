import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BRIEF } from '../chaos/figure.ts';
import { FIGURES } from '../chaos/figures/index.ts';
import { World } from '../chaos/world.ts';
import { useStage } from '../support/stage.ts';

/** Tests of test/e2e show the same at this scale: endpoint-death, health, redis-outage and rolling-restart. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  'endpoint-killed',
  'endpoint-frozen',
  'redis-killed',
  'redis-frozen',
  'rolling-restart',
]);

/** What they come to at full scale is in docs/reliability.md; how fast things are is no matter of a test. */
describe('the figures of reliability, at a small scale', () => {
  const stage = useStage('file');
  let world: World;
  beforeAll(async () => {
    world = await World.open(stage(), 'figures');
  });
  afterAll(() => world?.close());

  it.each(FIGURES.filter(({ name }) => !SHOWN_ELSEWHERE.has(name)))(
    '$name: nothing is wrong',
    async (figure) => {
      const { measured, wrong } = await figure.measure(world, BRIEF);
      expect(wrong, measured).toEqual([]);
    },
  );
});
