import { z } from 'zod';
import { duration, HOUR_MS, listen, name, network } from './fields.ts';
import { listenerTls } from './tls-schema.ts';

const routeMatch = z.strictObject({
  host: z
    .string()
    .regex(/^(?:\*\.)?[A-Za-z0-9.-]{1,253}$/, 'a host name, or *.name for all names below it')
    .optional()
    .describe("The request's host without port. Default: every host."),
  path: z
    .string()
    .regex(/^\/[^?#\s]*$/, 'a path prefix that starts with "/", without query')
    .default('/')
    .describe('Whole segments: /api matches /api and /api/x, not /apis.'),
  sni: z
    .string()
    .regex(/^(?:\*\.)?[A-Za-z0-9.-]{1,253}$/, 'a host name, or *.name for the names one level below it')
    .optional()
    .describe(
      'Of a tcp listener: the name that a TLS client asks for, which is passed through. Default: whatever comes, TLS or not.',
    ),
});

const route = z.strictObject({
  match: routeMatch.prefault({}).describe('Which requests take this route. Default: all.'),
  pool: name.describe('The pool that serves them.'),
});

/** Which requests go to which pool. */
export type RouteConfig = z.output<typeof route>;

const limits = z.strictObject({
  bodyBytes: z.int().min(0).optional().describe('Largest request body; above it 413. Default: no limit.'),
  connections: z
    .int()
    .min(1)
    .default(20_000)
    .describe(
      'Open connections; above it new ones are closed. Flows of a udp listener; above it the one that was silent longest ends.',
    ),
  connectionsPerClient: z
    .int()
    .min(1)
    .optional()
    .describe(
      'Open connections of one client address; above it its new ones are closed. Those of trustedProxies are not counted. Default: no limit.',
    ),
});

const downstreamTimeouts = z.strictObject({
  header: duration(10, HOUR_MS).prefault('10s').describe('Until a request head is complete; then 408.'),
  idle: duration(10, 24 * HOUR_MS)
    .optional()
    .describe(
      'Between two requests on one connection; between two bytes of a tcp connection, two datagrams of a udp flow. Default: 75s, 10m and 60s.',
    ),
  stall: duration(10, HOUR_MS)
    .prefault('60s')
    .describe('Between two pieces of a request body, or of a response that the client is slow to take.'),
});

const writtenListener = z
  .strictObject({
    name: name.describe('What logs, metrics and the admin listener call it.'),
    listen: listen.describe('Address and port. Port 0 lets the system choose.'),
    protocol: z
      .enum(['http', 'https', 'tcp', 'udp'])
      .default('http')
      .describe('What clients speak. tcp and udp are carried as they are, to tcp:// and udp:// endpoints.'),
    tls: listenerTls.optional().describe('How clients of an https listener are met. Required there.'),
    server: z
      .enum(['wire', 'node'])
      .default('wire')
      .describe(
        "Which HTTP server accepts: Holdfast's own, or Node's, which is slower, also speaks HTTP/2 over TLS, and knows no upgrades here.",
      ),
    routes: z.array(route).min(1).optional().describe('Where requests go. Either this or pool.'),
    pool: name.optional().describe('Short for one route that matches everything.'),
    trustedProxies: z
      .array(network)
      .default([])
      .describe(
        "Peers whose Forwarded and X-Forwarded-* headers are believed and extended. All others' are replaced.",
      ),
    proxyProtocol: z
      .boolean()
      .default(false)
      .describe(
        'Whether every connection begins with a PROXY protocol header, version 1 or 2, which names the client. Only trustedProxies may connect then.',
      ),
    limits: limits.prefault({}).describe('What one listener takes on.'),
    timeouts: downstreamTimeouts.prefault({}).describe('How long clients may keep it waiting.'),
    debugHeaders: z
      .boolean()
      .default(false)
      .describe(
        'Adds Holdfast-Node, Holdfast-Endpoint, Holdfast-Outcome and Holdfast-Pin to responses. They name endpoints: not for the public.',
      ),
  })
  .superRefine(({ routes, pool }, context) => {
    if ((routes === undefined) !== (pool === undefined)) return;
    const found = pool === undefined ? 'neither' : 'both';
    context.addIssue({ code: 'custom', message: 'either routes or pool', params: { found } });
  })
  .meta({ oneOf: [{ required: ['routes'] }, { required: ['pool'] }] });

type WrittenListener = z.output<typeof writtenListener>;

/** How long a client may be silent, by what it speaks. */
const IDLE_MS: Readonly<Record<WrittenListener['protocol'], number>> = {
  http: 75_000,
  https: 75_000,
  tcp: 600_000,
  udp: 60_000,
};

/** A listener as the program sees it: `pool` has become the one route that it is short for. */
export type ListenerConfig = Omit<WrittenListener, 'pool' | 'routes' | 'timeouts'> & {
  readonly routes: readonly RouteConfig[];
  readonly timeouts: WrittenListener['timeouts'] & { readonly idle: number };
};

export const listener = z.codec(writtenListener, z.custom<ListenerConfig>(), {
  decode: ({ pool, routes, timeouts, ...rest }) => ({
    ...rest,
    routes: routes ?? soleRoute(pool),
    timeouts: { ...timeouts, idle: timeouts.idle ?? IDLE_MS[rest.protocol] },
  }),
  encode: ({ routes, ...rest }) => ({ ...rest, routes: [...routes] }),
});

const soleRoute = (pool: string | undefined): readonly RouteConfig[] =>
  pool === undefined ? [] : [{ match: { path: '/' }, pool }];
