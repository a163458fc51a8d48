import { counter, gauge, histogram } from '../metric.ts';

/** Sessions: where they were found, why they moved, and whether they were kept. */
export const AFFINITY_METRICS = {
  lookups: counter('holdfast.affinity.lookups', {
    unit: '{lookup}',
    description:
      'Requests, connections and flows by what became of their session. One each, as it stood at the end: one that failed over counts by where it went then.',
    attributes: [
      'holdfast.pool',
      'holdfast.affinity.outcome',
      'holdfast.affinity.source',
      'holdfast.affinity.tier',
    ],
  }),
  lookupDuration: histogram('holdfast.affinity.lookup.duration', {
    unit: 's',
    description:
      'How long it took to find the place of a session, for what could not be answered from the memory of the node at once.',
    attributes: ['holdfast.pool', 'holdfast.affinity.tier'],
    buckets: [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25],
  }),
  repins: counter('holdfast.affinity.repins', {
    unit: '{repin}',
    description:
      'Pins that this node has moved to another endpoint: for a request, a connection or a flow, and between requests, as by a drain, a rebalance or an operator.',
    attributes: ['holdfast.pool', 'holdfast.affinity.repin.reason'],
  }),
  violations: counter('holdfast.affinity.violations', {
    unit: '{violation}',
    description:
      'Requests and connections that were served by another endpoint than the one that their session was pinned to, although that one was not down for the cluster. Those that left an endpoint in trouble are counted when it serves again, or after ten seconds, and not if it turns out to be down: that is a failover. Those that were served without the session map are counted when the map has told otherwise.',
    attributes: ['holdfast.pool', 'holdfast.affinity.violation.reason'],
  }),
  pins: gauge('holdfast.affinity.pins', {
    unit: '{pin}',
    description:
      'Living pins by endpoint, of the whole cluster: as the session map has told when it was asked last, at most every two seconds and for a twentieth of the time. Absent while the map cannot be asked.',
    attributes: ['holdfast.pool', 'holdfast.endpoint'],
    merge: 'first',
  }),
  nearCacheEntries: gauge('holdfast.near_cache.entries', {
    unit: '{pin}',
    description: 'Pins that the node remembers. Processes of one node remember the same pin each for itself.',
    attributes: [],
    merge: 'sum',
  }),
} as const;
