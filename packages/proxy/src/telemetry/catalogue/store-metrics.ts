import { counter, gauge, histogram, stateGauge } from '../metric.ts';

/** The session map, as this node experiences it. */
export const STORE_METRICS = {
  operationDuration: histogram('db.client.operation.duration', {
    unit: 's',
    description:
      'How long operations of the session map took, those among them that failed. What an open circuit keeps from the store is not asked.',
    attributes: ['db.system.name', 'db.operation.name', 'error.type'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10],
  }),
  available: gauge('holdfast.store.available', {
    unit: '',
    description: 'Whether the session map answers, and takes what is written.',
    attributes: [],
    merge: 'min',
  }),
  mode: stateGauge('holdfast.store.mode', {
    description:
      '1 for how the node goes about the session map: degraded goes on without it, reconciling writes back what it has lost.',
    attributes: ['holdfast.store.mode'],
    states: ['normal', 'reconciling', 'degraded'],
  }),
  newsLive: gauge('holdfast.store.news.live', {
    unit: '',
    description: 'Whether news of moves by other nodes arrives.',
    attributes: [],
    merge: 'min',
  }),
  writeBacks: counter('holdfast.store.write_backs', {
    unit: '{write_back}',
    description:
      'Sessions that the session map had lost and that were about to be written back: admitted, or refused as there were too many at once, which a later request tries again.',
    attributes: ['holdfast.store.write_back.result'],
  }),
} as const;
