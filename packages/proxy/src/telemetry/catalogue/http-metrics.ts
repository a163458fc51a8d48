import { counter, gauge, histogram } from '../metric.ts';

/** The bounds that the semantic conventions of OpenTelemetry advise for the duration of requests. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Requests, as clients and as endpoints see them. */
export const HTTP_METRICS = {
  serverDuration: histogram('http.server.request.duration', {
    unit: 's',
    description:
      'How long requests took, from their head to the last byte of their response; a WebSocket is one request. Without a route where none was found, or where the head could not be read.',
    attributes: [
      'http.request.method',
      'url.scheme',
      'http.response.status_code',
      'http.route',
      'error.type',
      'holdfast.listener',
      'holdfast.pool',
    ],
    buckets: DURATION_BUCKETS,
  }),
  clientDuration: histogram('http.client.request.duration', {
    unit: 's',
    description:
      'How long each attempt at an endpoint took, from its start to the head of the response or to its failure. A request that was retried has several.',
    attributes: [
      'http.request.method',
      'server.address',
      'server.port',
      'http.response.status_code',
      'error.type',
      'holdfast.pool',
      'holdfast.endpoint',
    ],
    buckets: DURATION_BUCKETS,
  }),
  requestBytes: counter('holdfast.request.bytes', {
    unit: 'By',
    description: 'Bytes of request bodies that came from clients, counted when the request is over.',
    attributes: ['holdfast.pool'],
  }),
  responseBytes: counter('holdfast.response.bytes', {
    unit: 'By',
    description: 'Bytes of response bodies that went to clients, counted when the request is over.',
    attributes: ['holdfast.pool'],
  }),
  retries: counter('holdfast.retries', {
    unit: '{retry}',
    description: 'Attempts beyond the first, of requests and of TCP connections.',
    attributes: ['holdfast.pool'],
  }),
  connections: gauge('holdfast.listener.connections', {
    unit: '{connection}',
    description: 'Connections of clients that are open, and flows of UDP.',
    attributes: ['holdfast.listener'],
    merge: 'sum',
  }),
} as const;
