import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { endpointId, type Pin, poolName, systemClock } from '@holdfast/shared';
import type { PinResult } from '@holdfast/store';
import { keyOf } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { PinOrder, PinReport } from '../support/pinner-program.ts';
import { useStage } from '../support/stage.ts';

const PROGRAM = fileURLToPath(new URL('../support/pinner-program.ts', import.meta.url));
const ROUNDS = 1_000;

describe('two processes that pin the same new session at the same moment', () => {
  const stage = useStage();
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.removeAllListeners('exit').kill('SIGKILL');
  });

  it.each([
    { name: 'sqlite', urlOf: async () => stage().sqliteUrl() },
    { name: 'redis', urlOf: async () => (await stage().startRedis()).url },
  ])('agree on one winner, 1,000 times, on $name', async ({ urlOf }) => {
    const url = await urlOf();
    const racers = await Promise.all([startRacer(url, 1), startRacer(url, 2)]);
    const wins = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      // Whoever is told first has a head start; they take turns.
      const results = await race(racers, keyOf(round), round % 2);
      const winner = results.findIndex(({ kind }) => kind === 'pinned');
      expect(results.map(({ kind }) => kind).sort(), `round ${round}`).toEqual(['already-pinned', 'pinned']);
      expect(results.map(({ pin }) => pin.endpoint)).toEqual(Array(2).fill(racers[winner]?.endpoint));
      wins[winner]!++;
    }
    // One that always came too late would have raced nobody.
    expect(Math.min(...wins)).toBeGreaterThan(0);
  });

  interface Racer {
    readonly child: ChildProcess;
    readonly endpoint: Pin['endpoint'];
    /** Rejects when the process ends, which it must not. */
    readonly end: Promise<never>;
  }

  async function startRacer(url: string, number: number): Promise<Racer> {
    const child = fork(PROGRAM, [url], { serialization: 'json' });
    children.push(child);
    const end = once(child, 'exit').then(([code, signal]) => {
      throw new RangeError(`racer ${number} ended: ${code ?? signal}`);
    });
    const racer = { child, endpoint: endpointId(poolName('shop'), `shop-${number}`), end };
    await nextReport(racer);
    return racer;
  }

  async function race(
    racers: readonly Racer[],
    key: PinOrder['key'],
    first: number,
  ): Promise<readonly PinResult[]> {
    const reports = racers.map(nextReport);
    const nowMs = systemClock.now();
    const order = first === 0 ? racers : racers.toReversed();
    for (const { child, endpoint } of order) {
      const pin = {
        endpoint,
        version: 1,
        pinnedAtMs: nowMs,
        expiresAtMs: nowMs + 60_000,
        endsAtMs: nowMs + 60_000,
      };
      child.send({ key, pin, nowMs } satisfies PinOrder);
    }
    return (await Promise.all(reports)) as readonly PinResult[];
  }

  async function nextReport({ child, end }: Racer): Promise<PinReport> {
    const [report] = (await Promise.race([once(child, 'message'), end])) as [PinReport];
    return report;
  }
});
