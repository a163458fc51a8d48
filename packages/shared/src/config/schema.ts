import { z } from 'zod';
import { A_REDIS_URL, parseRedisUrl } from '../redis-url.ts';
import { duration, HOUR_MS, listen, name, network } from './fields.ts';
import { listener } from './listener-schema.ts';
import { pool } from './pool-schema.ts';
import { telemetry } from './telemetry-schema.ts';
import { storeTls } from './tls-schema.ts';

/**
 * The configuration file, field by field. This schema is the only definition: defaults, documentation,
 * the JSON Schema that editors use and the types of the program all come from it, and through its codecs it
 * writes the effective configuration back. A value marked `writeOnly` is secret and is never shown.
 */

const WORKERS_MAX = 256;

const cluster = z.strictObject({
  name: name.default('holdfast').describe('Nodes of one name and one store share their sessions.'),
  node: name.optional().describe('This node. Default: the host name and the process id.'),
});

const isStoreUrl = (url: string): boolean =>
  url === 'memory:' || /^sqlite:./.test(url) || parseRedisUrl(url) !== undefined;

const store = z.strictObject({
  url: z
    .string()
    .refine(isStoreUrl, `memory:, sqlite:FILE, ${A_REDIS_URL}`)
    .meta({ pattern: '^(memory:$|sqlite:.|rediss?(\\+sentinel|\\+cluster)?://.)' })
    .default('memory:')
    .describe('Where the session map is kept: this process, a file of this machine, or Redis for a cluster.'),
  tls: storeTls
    .optional()
    .describe(
      'How TLS is spoken with a Redis of a rediss URL. Default: as Node does, with the authorities that Node trusts.',
    ),
  onUnavailable: z
    .enum(['degrade', 'fail'])
    .default('degrade')
    .describe(
      'degrade: go on with the sealed cookie and hashing. fail: answer 503 to requests that need the store.',
    ),
  commandTimeout: duration(1, 10_000)
    .prefault('50ms')
    .describe('The longest that one command may hold up a request.'),
  nearCacheEntries: z
    .int()
    .min(0)
    .max(10_000_000)
    .default(100_000)
    .describe('Pins that a node remembers. 0: none.'),
  writeBacksPerSecond: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2_000)
    .describe('The most sessions that a process writes back per second into a store that has lost them.'),
});

const admin = z.strictObject({
  listen: listen.prefault('127.0.0.1:9900').describe('Address and port of the admin listener.'),
  token: z
    .string()
    .default('')
    .meta({ writeOnly: true })
    .describe('Required where the admin listener is not on loopback.'),
  endpointNetworks: z
    .array(network)
    .default([])
    .describe(
      'Networks in which operators may add endpoints to a pool of a running node. Default: none, nothing can be added.',
    ),
});

const log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least that is logged.'),
  access: z.boolean().default(true).describe('One JSON line per request on standard output.'),
});

const workers = z.union([z.literal('auto'), z.int().min(1).max(WORKERS_MAX)], {
  error: `auto or a number of processes from 1 to ${WORKERS_MAX}`,
});

const shutdown = z.strictObject({
  delay: duration(0, HOUR_MS)
    .prefault('0s')
    .describe('From failing readiness to closing the listeners: the lifetime of the DNS records.'),
  deadline: duration(0, HOUR_MS).prefault('30s').describe('How long requests in flight may take to finish.'),
});

export const configSchema = z.strictObject({
  cluster: cluster.prefault({}).describe('Who this node works with.'),
  store: store.prefault({}).describe('The session map.'),
  secrets: z
    .array(z.string().min(16).meta({ writeOnly: true }))
    .default([])
    .meta({ writeOnly: true })
    .describe(
      'Seal the cookies and hide the keys of sessions. The first seals, all open: put a new one in front to rotate. Required where sessions outlive the process.',
    ),
  admin: admin.optional().describe('Health, metrics, sessions and endpoints for operators. Default: none.'),
  log: log.prefault({}).describe('What is written to standard output.'),
  telemetry: telemetry.prefault({}).describe('Metrics and traces.'),
  shutdown: shutdown.prefault({}).describe('What happens between SIGTERM and the end.'),
  workers: workers
    .optional()
    .describe(
      'Processes of this node behind the same sockets, replaced when they end and at SIGUSR2. auto: one for each CPU. Needs a store that processes share. Default: a single process.',
    ),
  listeners: z.array(listener).min(1).describe('Sockets that accept clients.'),
  pools: z.array(pool).min(1).describe('Sets of interchangeable endpoints.'),
});

/** A configuration after defaults: durations in milliseconds, addresses parsed, every endpoint and route explicit. */
export type Config = z.output<typeof configSchema>;
export type { AffinityConfig } from './affinity-schema.ts';
export type {
  AffinitySourceConfig,
  CompanionConfig,
  CookieConfig,
  LearnConfig,
  SourceConfigOf,
} from './affinity-source-schema.ts';
export type { BalanceConfig } from './balance-schema.ts';
export type { DiscoveryConfig, DiscoveryConfigOf } from './discovery-schema.ts';
export type { ConditionConfig, LabelCookieConfig, LabelSourceConfig } from './label-source-schema.ts';
export type { ListenerConfig, RouteConfig } from './listener-schema.ts';
export type { EndpointConfig } from './pool-schema.ts';
export type { TelemetryConfig } from './telemetry-schema.ts';
export type { CertificateConfig, EndpointTlsConfig, ListenerTlsConfig } from './tls-schema.ts';
export type PoolConfig = Config['pools'][number];
export type HealthCheckConfig = NonNullable<PoolConfig['healthCheck']>;
export type OutlierDetectionConfig = PoolConfig['outlierDetection'];
