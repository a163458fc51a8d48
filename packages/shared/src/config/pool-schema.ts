import { z } from 'zod';
import { affinity } from './affinity-codec.ts';
import { balance } from './balance-schema.ts';
import { discovery } from './discovery-schema.ts';
import {
  duration,
  endpointAddress,
  endpointLabel,
  endpointName,
  endpointUrl,
  HOUR_MS,
  headerName,
  jsonFieldName,
  name,
} from './fields.ts';
import { rebalance } from './rebalance-schema.ts';
import { endpointTls } from './tls-schema.ts';

const writtenTimeouts = z.strictObject({
  connect: duration(1, HOUR_MS).prefault('1s').describe('Until a connection to the endpoint is established.'),
  queue: duration(1, HOUR_MS)
    .optional()
    .describe('For a place at an endpoint that has maxConnections requests. Default: as connect.'),
  response: duration(1, HOUR_MS)
    .prefault('60s')
    .describe('From the end of the request until the response head.'),
  idle: duration(1, HOUR_MS).prefault('60s').describe('Between two pieces of a response body.'),
});

type UpstreamTimeouts = z.output<typeof writtenTimeouts> & { readonly queue: number };

/** Waiting for a place at an endpoint is waiting for a connection to it: both may take as long. */
const upstreamTimeouts = z.codec(writtenTimeouts, z.custom<UpstreamTimeouts>(), {
  decode: (written) => ({ ...written, queue: written.queue ?? written.connect }),
  encode: (timeouts) => timeouts,
});

const probeBytes = z
  .string()
  .max(1024)
  .regex(
    /^(?:hex:(?:[0-9A-Fa-f]{2})+|(?!hex:)[\s\S]+)$/,
    'text, or bytes as hex: and pairs of hexadecimal digits, such as hex:0d0a',
  );

const incarnation = z
  .strictObject({
    header: headerName.optional().describe('A header of the response.'),
    body: jsonFieldName
      .optional()
      .describe('A JSON field of text within the first 4 KiB of the response, however deep in the document.'),
  })
  .refine(
    (places) => Object.values(places).filter((place) => place !== undefined).length === 1,
    'a header, or a field of the body',
  );

const healthCheck = z.strictObject({
  path: z
    .string()
    .startsWith('/', 'a path that starts with "/"')
    .default('/')
    .describe('Target of the GET request that probes an http endpoint.'),
  send: probeBytes
    .optional()
    .describe(
      'What a tcp or udp endpoint is sent: text, or bytes as hex:0d0a. Default: nothing; that a connection can be made is enough. Required for udp.',
    ),
  expect: probeBytes
    .optional()
    .describe('What its answer must contain, written as send. Default: any answer to what is sent will do.'),
  interval: duration(50, HOUR_MS).prefault('1s').describe('Between two probes of one endpoint.'),
  timeout: duration(10, HOUR_MS).prefault('900ms').describe('A probe that takes longer has failed.'),
  healthyAfter: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Passed probes in a row that bring an endpoint back.'),
  unhealthyAfter: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('Failed probes in a row that take an endpoint down.'),
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, 'a status such as 204, or a class such as 2xx')
    .default('2xx')
    .describe('The expected status of an http endpoint: exact, or a class.'),
  incarnation: incarnation
    .optional()
    .describe(
      'Where an http endpoint tells which process it is, such as the id of its container: the sessions of a predecessor are moved. Default: who answers at an address is the endpoint.',
    ),
});

const outlierDetection = z.strictObject({
  consecutiveFailures: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe('Resets and timeouts in a row, over all requests, that take an endpoint down.'),
  connectFailures: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('Failed connection attempts in a row that take an endpoint down.'),
  ejectionTime: duration(100, HOUR_MS)
    .prefault('10s')
    .describe(
      'How long an endpoint stays down before a request may try it again. With a health check, passed probes decide instead.',
    ),
});

const connectionsMax = z.int().min(1).max(1_000_000);

/** An endpoint as files and operators write it. */
export const writtenEndpoint = z.strictObject({
  id: endpointName.optional().describe('Unique in the pool. Default: host:port of the URL.'),
  url: endpointUrl.describe('Where the endpoint answers.'),
  weight: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe('Share of new sessions. 0: keeps its sessions, gets no new ones.'),
  label: endpointLabel
    .optional()
    .describe(
      'What stands for the endpoint where clients name it in the clear (label-cookie, label). Default: none.',
    ),
  sticky: z
    .boolean()
    .default(true)
    .describe('false: serves sessions whose own endpoint cannot, and none is pinned to it.'),
  backup: z
    .boolean()
    .default(false)
    .describe('Gets new sessions only while no endpoint that is no backup takes any.'),
  maxConnections: connectionsMax.optional().describe('As maxConnections of the pool, for this endpoint.'),
  incarnation: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      'Which process serves at the address, by any text that its successor has not: with another one, the sessions of the predecessor are moved. Default: what healthCheck.incarnation finds out.',
    ),
});

/** An endpoint as the program sees it: named, whether or not the file names it. */
export type EndpointConfig = z.output<typeof writtenEndpoint> & { readonly id: string };

export const endpoint = z.codec(writtenEndpoint, z.custom<EndpointConfig>(), {
  decode: (written) => ({ ...written, id: written.id ?? endpointAddress(written.url) }),
  encode: (named) => named,
});

export const pool = z.strictObject({
  name: name.describe('What routes call the pool.'),
  balance: balance
    .prefault('round-robin')
    .describe('Where a new session goes, or a request of a pool that keeps no sessions.'),
  endpoints: z
    .array(endpoint)
    .default([])
    .describe('Interchangeable addresses that serve. At least one, or discovery.'),
  discovery: discovery
    .optional()
    .describe('Who names the endpoints while the node runs. Default: nobody, endpoints does.'),
  affinity: affinity
    .prefault({ type: 'none' })
    .describe('What keeps the requests of one session on one endpoint. Default: nothing.'),
  healthCheck: healthCheck
    .optional()
    .describe(
      'Active check of every endpoint of the pool. Without it only requests tell whether one is down.',
    ),
  outlierDetection: outlierDetection.prefault({}).describe('What failed requests say about an endpoint.'),
  rebalance: rebalance
    .prefault({})
    .describe('How idle sessions are moved until every endpoint has what its weight is worth.'),
  timeouts: upstreamTimeouts.prefault({}).describe('Durations of one request towards an endpoint.'),
  proxyProtocol: z
    .enum(['v1', 'v2'])
    .optional()
    .describe(
      'Every connection to a tcp endpoint begins with a PROXY protocol header of this version, which names the client. Default: none.',
    ),
  tls: endpointTls
    .optional()
    .describe('How https:// endpoints are met. Default: verified, by what Node trusts.'),
  slowStart: duration(0, HOUR_MS)
    .prefault('0s')
    .describe(
      'How long the share of new sessions grows of an endpoint that has joined or come back, until it is what the weight says.',
    ),
  maxConnections: connectionsMax
    .optional()
    .describe(
      'Requests, and tunnels such as WebSockets, that one node has under way at one endpoint; more of them wait. Default: no limit.',
    ),
  maxQueue: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1_000)
    .describe('Requests that wait for a place at one endpoint; more of them are answered 503 at once.'),
});
