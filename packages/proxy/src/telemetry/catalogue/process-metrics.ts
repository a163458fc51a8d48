import { counter, gauge, histogram, upDownCounter } from '../metric.ts';

const eventLoopDelay = (percentile: string) =>
  gauge(`nodejs.eventloop.delay.${percentile}`, {
    unit: 's',
    description: `The ${percentile} of how late timers were in the last ten seconds, or since it was asked before if that is longer ago. Of several processes that of the latest.`,
    attributes: [],
    merge: 'max',
  });

/** The processes that serve, and telemetry itself. */
export const PROCESS_METRICS = {
  eventLoopDelayP50: eventLoopDelay('p50'),
  eventLoopDelayP90: eventLoopDelay('p90'),
  eventLoopDelayP99: eventLoopDelay('p99'),
  eventLoopUtilization: gauge('nodejs.eventloop.utilization', {
    unit: '1',
    description:
      'The part of the last ten seconds, or of the time since it was asked before, in which the event loop was busy. Of several processes that of the busiest.',
    attributes: [],
    merge: 'max',
  }),
  heapUsed: upDownCounter('v8js.memory.heap.used', {
    unit: 'By',
    description: 'Memory in use in each space of the heap.',
    attributes: ['v8js.heap.space.name'],
  }),
  gcDuration: histogram('v8js.gc.duration', {
    unit: 's',
    description: 'How long garbage collections took, by kind.',
    attributes: ['v8js.gc.type'],
    buckets: [0.01, 0.1, 1, 10],
  }),
  cpuTime: counter('process.cpu.time', {
    unit: 's',
    description: 'CPU time that has been used.',
    attributes: ['cpu.mode'],
  }),
  memoryUsage: upDownCounter('process.memory.usage', {
    unit: 'By',
    description: 'Memory that is resident.',
    attributes: [],
  }),
  telemetryDropped: counter('holdfast.telemetry.dropped', {
    unit: '{item}',
    description:
      'What was to be pushed and is lost: spans for which there was no room, or that a push did not deliver. Metrics are never lost: what one push does not deliver, the next one does.',
    attributes: ['holdfast.telemetry.signal'],
  }),
  telemetryPushes: counter('holdfast.telemetry.pushes', {
    unit: '{push}',
    description:
      'Pushes of metrics to the collector by what came of them. Absent where metrics are not pushed.',
    attributes: ['holdfast.telemetry.signal', 'holdfast.telemetry.push.result'],
  }),
} as const;
