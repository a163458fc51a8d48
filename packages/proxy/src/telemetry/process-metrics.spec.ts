import { ManualClock } from '@holdfast/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { ProcessMetrics } from './process-metrics.ts';
import { isHistogramPoint } from './snapshot.ts';

const opened: ProcessMetrics[] = [];
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.stop();
});

function setUp() {
  const clock = new ManualClock();
  const metrics = new ProcessMetrics(clock);
  opened.push(metrics);
  const told = (name: string): number | undefined => {
    const [point] = metrics.collect().find((metric) => metric.name === name)?.points ?? [];
    return point === undefined || isHistogramPoint(point) ? undefined : point.value;
  };
  return { clock, metrics, told };
}

const spin = (): void => {
  for (let sum = 0; sum < 3e7; sum++);
};

describe('what a process takes of the machine', () => {
  it('is CPU time that grows with work, and memory', () => {
    const { told } = setUp();
    const before = told('process.cpu.time') ?? 0;
    spin();
    expect(told('process.cpu.time')).toBeGreaterThan(before);
    expect(told('process.memory.usage')).toBeGreaterThan(1e7);
    expect(told('v8js.memory.heap.used')).toBeDefined();
  });

  it('is how busy its event loop was in the last ten seconds, whoever has asked meanwhile', async () => {
    const { clock, told } = setUp();
    const busyness = () => told('nodejs.eventloop.utilization');
    expect(busyness()).toBeGreaterThanOrEqual(0);
    await clock.advance(10_000);
    const last = busyness();
    expect(last).toBeLessThanOrEqual(1);
    for (let count = 0; count < 5; count++) {
      await clock.advance(1_000);
      expect(busyness()).toBe(last);
    }
  });
});
