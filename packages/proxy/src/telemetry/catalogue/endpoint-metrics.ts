import { counter, gauge, stateGauge } from '../metric.ts';

const OF_AN_ENDPOINT = ['holdfast.pool', 'holdfast.endpoint'];

/** Endpoints, as this node sees them. */
export const ENDPOINT_METRICS = {
  up: gauge('holdfast.endpoint.up', {
    unit: '',
    description: 'Whether the endpoint serves sessions here: 0 while its standing is suspect or down.',
    attributes: OF_AN_ENDPOINT,
    merge: 'min',
  }),
  standing: stateGauge('holdfast.endpoint.standing', {
    description:
      '1 for the standing of the endpoint: draining keeps its sessions and gets no new ones, suspect is held down by this node and not by most.',
    attributes: [...OF_AN_ENDPOINT, 'holdfast.endpoint.standing'],
    states: ['serving', 'draining', 'suspect', 'down'],
  }),
  weight: gauge('holdfast.endpoint.weight', {
    unit: '',
    description: 'The share of new sessions that the endpoint is to get.',
    attributes: OF_AN_ENDPOINT,
    merge: 'first',
  }),
  activeRequests: gauge('holdfast.endpoint.active_requests', {
    unit: '{request}',
    description: 'Requests and connections of this node that are under way at the endpoint.',
    attributes: OF_AN_ENDPOINT,
    merge: 'sum',
  }),
  waitingRequests: gauge('holdfast.endpoint.waiting_requests', {
    unit: '{request}',
    description: 'Requests and connections of this node that wait for a place at the endpoint.',
    attributes: OF_AN_ENDPOINT,
    merge: 'sum',
  }),
  ejections: counter('holdfast.endpoint.ejections', {
    unit: '{ejection}',
    description:
      'How often this node has found the endpoint down: by its health checks, or by what requests experienced.',
    attributes: [...OF_AN_ENDPOINT, 'holdfast.endpoint.ejection.cause'],
  }),
} as const;
