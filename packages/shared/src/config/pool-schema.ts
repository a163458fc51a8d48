import { z } from 'zod';
import { formatDuration } from '../duration.ts';
import {
  cookieName,
  duration,
  endpointAddress,
  endpointName,
  endpointUrl,
  HOUR_MS,
  name,
  YEAR_MS,
} from './fields.ts';
import { endpointTls } from './tls-schema.ts';

const upstreamTimeouts = z.strictObject({
  connect: duration(1, HOUR_MS).prefault('1s').describe('Until a connection to the endpoint is established.'),
  response: duration(1, HOUR_MS)
    .prefault('60s')
    .describe('From the end of the request until the response head.'),
  idle: duration(1, HOUR_MS).prefault('60s').describe('Between two pieces of a response body.'),
});

const healthCheck = z.strictObject({
  path: z
    .string()
    .startsWith('/', 'a path that starts with "/"')
    .default('/')
    .describe('Target of the GET request that probes an endpoint.'),
  interval: duration(50, HOUR_MS).prefault('2s').describe('Between two probes of one endpoint.'),
  timeout: duration(10, HOUR_MS).prefault('1s').describe('A probe that takes longer has failed.'),
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
    .default(3)
    .describe('Failed probes in a row that take an endpoint down.'),
  status: z
    .string()
    .regex(/^[1-5](?:\d\d|xx)$/, 'a status such as 204, or a class such as 2xx')
    .default('2xx')
    .describe('The expected status: exact, or a class.'),
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

const cookieAttributes = z.strictObject({
  path: z
    .string()
    .regex(/^\/[^;\s]*$/, 'a path that starts with "/", without ";" or spaces')
    .default('/')
    .describe('Requests below this path carry the cookie.'),
  domain: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'a domain name')
    .optional()
    .describe('Also the hosts below this domain get the cookie. Default: only the host that set it.'),
  sameSite: z
    .enum(['Lax', 'Strict', 'None'])
    .default('Lax')
    .describe('Whether requests from other sites carry the cookie. None needs Secure.'),
  secure: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('auto: on requests that arrived over TLS, here or at a trusted proxy.'),
  httpOnly: z.boolean().default(true).describe('Hides the cookie from scripts in the page.'),
  lifetime: z
    .enum(['session', 'permanent'])
    .default('session')
    .describe(
      'session: ends with the browser. permanent: Max-Age is the idle timeout, refreshed as the session goes on.',
    ),
});

const cookieAffinity = z
  .strictObject({
    type: z.literal('cookie').describe('A sealed cookie that Holdfast sets names the session.'),
    name: cookieName
      .default('_srv_id')
      .describe('Name of the cookie. Pools that share a host need one each.'),
    cookie: cookieAttributes.prefault({}).describe('Attributes of the cookie.'),
    idleTimeout: duration(1_000, YEAR_MS)
      .prefault('20m')
      .describe('A session without a request for this long is forgotten.'),
    absoluteTimeout: duration(1_000, YEAR_MS)
      .prefault('24h')
      .describe('A session is forgotten this long after its start.'),
    onEndpointDown: z
      .enum(['repin', 'fail'])
      .default('repin')
      .describe('repin: move the session once, for every node. fail: answer 503 until the endpoint is back.'),
  })
  .superRefine(({ idleTimeout, absoluteTimeout }, context) => {
    if (idleTimeout <= absoluteTimeout) return;
    const message = `at most the absoluteTimeout of ${formatDuration(absoluteTimeout)}`;
    const params = { found: formatDuration(idleTimeout) };
    context.addIssue({ code: 'custom', path: ['idleTimeout'], message, params });
  });

const noAffinity = z.strictObject({
  type: z.literal('none').describe('Every request is balanced on its own.'),
});

const writtenEndpoint = z.strictObject({
  id: endpointName.optional().describe('Unique in the pool. Default: host:port of the URL.'),
  url: endpointUrl.describe('Where the endpoint answers.'),
  weight: z
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe('Share of new sessions. 0: keeps its sessions, gets no new ones.'),
});

/** An endpoint as the program sees it: named, whether or not the file names it. */
export type EndpointConfig = z.output<typeof writtenEndpoint> & { readonly id: string };

const endpoint = z.codec(writtenEndpoint, z.custom<EndpointConfig>(), {
  decode: (written) => ({ ...written, id: written.id ?? endpointAddress(written.url) }),
  encode: (named) => named,
});

export const pool = z.strictObject({
  name: name.describe('What routes call the pool.'),
  balance: z
    .enum(['round-robin', 'least-connections'])
    .default('round-robin')
    .describe('How a request without a session finds its endpoint.'),
  endpoints: z.array(endpoint).min(1).describe('Interchangeable addresses that serve.'),
  affinity: z
    .discriminatedUnion('type', [cookieAffinity, noAffinity])
    .prefault({ type: 'none' })
    .describe('What keeps the requests of one session on one endpoint. Default: nothing.'),
  healthCheck: healthCheck
    .optional()
    .describe(
      'Active check of every endpoint of the pool. Without it only requests tell whether one is down.',
    ),
  outlierDetection: outlierDetection.prefault({}).describe('What failed requests say about an endpoint.'),
  timeouts: upstreamTimeouts.prefault({}).describe('Durations of one request towards an endpoint.'),
  tls: endpointTls
    .optional()
    .describe('How https:// endpoints are met. Default: verified, by what Node trusts.'),
  connectionsPerEndpoint: z
    .int()
    .min(1)
    .max(65_535)
    .default(256)
    .describe('Connections that a node keeps to one endpoint.'),
});
