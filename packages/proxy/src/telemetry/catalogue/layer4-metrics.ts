import { counter, histogram } from '../metric.ts';

/** Connections of TCP and flows of UDP, counted when they are over. */
export const LAYER4_METRICS = {
  connections: counter('holdfast.layer4.connections', {
    unit: '{connection}',
    description:
      'Connections of TCP and flows of UDP that are over, by how they ended. Without a pool where no route was found.',
    attributes: ['holdfast.listener', 'holdfast.pool', 'network.transport', 'holdfast.connection.end'],
  }),
  duration: histogram('holdfast.layer4.connection.duration', {
    unit: 's',
    description: 'How long they lasted.',
    attributes: ['holdfast.listener', 'holdfast.pool', 'network.transport'],
    buckets: [0.01, 0.1, 0.5, 1, 5, 10, 60, 300, 1_800, 3_600, 21_600, 86_400],
  }),
  bytes: counter('holdfast.layer4.bytes', {
    unit: 'By',
    description: 'Bytes that they carried: receive from clients, transmit to them.',
    attributes: ['holdfast.pool', 'network.transport', 'network.io.direction'],
  }),
} as const;
