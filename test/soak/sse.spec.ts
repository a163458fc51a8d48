import { sleep, systemClock } from '@holdfast/shared';
import { afterEach, describe, expect, it } from 'vitest';
import { useEndpoints } from '../clients/program-endpoint.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { EventStream } from './event-stream.ts';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 10);
const SPARSE_MS = Math.min(45_000, (SECONDS * 1_000) / 4);
/** For each node: two streams that are never still, and one that nearly is for as long as the idle timeout allows. */
const RHYTHMS_MS = [100, 100, SPARSE_MS];

describe('server-sent events', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');
  const streams: EventStream[] = [];
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
  });

  it(
    `come for ${SECONDS} seconds without a gap, through three nodes`,
    async () => {
      const endpoints = await startEndpoints(2);
      const nodes = await stage().startNodes(3, {
        endpoints: endpoints.map(({ address }) => address),
        storeUrl: stage().sqliteUrl(),
      });
      for (const { origin } of nodes)
        streams.push(...RHYTHMS_MS.map((everyMs) => new EventStream(origin, everyMs)));
      await sleep(systemClock, SECONDS * 1_000);
      await Promise.all(endpoints.map((endpoint) => endpoint.ask('/control/end-numbered-events')));
      await until('every stream is at its end', () =>
        streams.every(({ announced }) => announced !== undefined),
      );
      process.stderr.write(`${told(streams)}\n`);

      expect(streams.flatMap(({ outOfTurn }) => outOfTurn)).toEqual([]);
      expect(streams.map(({ received }) => received)).toEqual(streams.map(({ announced }) => announced));
      expect(streams.map(({ connections }) => connections)).toEqual(streams.map(() => 1));
      expect(streams.filter(({ received }) => received < 2)).toEqual([]);
    },
    SECONDS * 1_000 + 60_000,
  );
});

function told(all: readonly EventStream[]): string {
  const events = all.reduce((sum, { received }) => sum + received, 0);
  const longestMs = Math.max(...all.map(({ longestWayMs }) => longestWayMs));
  return `${all.length} streams, ${events} events in ${SECONDS} s, at most ${longestMs} ms on their way`;
}
