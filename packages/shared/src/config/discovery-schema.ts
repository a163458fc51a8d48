import { z } from 'zod';
import { duration, file, HOUR_MS, network } from './fields.ts';

/** Who says which endpoints a pool has, where that is not written in the configuration. */

const port = z.int().min(1).max(65_535);

const scheme = z
  .enum(['http', 'https', 'h2c', 'tcp', 'udp'])
  .default('http')
  .describe('What endpoints speak, as at the beginning of an endpoint URL.');

const networks = z
  .array(network)
  .min(1)
  .optional()
  .describe(
    'The only networks that endpoints may be in. Link-local, metadata, multicast and broadcast addresses are never used. Default: all others.',
  );

const removeAfter = duration(0, 24 * HOUR_MS)
  .prefault('5m')
  .describe(
    'How long an endpoint that is no longer named keeps its sessions, and gets no new ones, before it is removed.',
  );

const A_DNS_NAME = 'a DNS name, such as shop.internal or _http._tcp.shop.internal';

const dnsName = z
  .string()
  .max(253)
  .regex(/^(?!.*\.\d+\.?$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.(?!$)|\.?$))+$/i, A_DNS_NAME);

const A_RESOLVER = 'an address, or an address and a port, such as 10.0.0.53, 127.0.0.1:5353 or [fd00::53]:53';
const RESOLVER = /^(?:(?<v4>[0-9.]+)|\[(?<v6>[0-9a-f:.]+)\])(?::(?<port>\d{1,5}))?$/i;

function isResolver(text: string): boolean {
  if (z.ipv6().safeParse(text).success) return true;
  const { v4, v6, port: written } = RESOLVER.exec(text)?.groups ?? {};
  const isAddress = v6 === undefined ? z.ipv4().safeParse(v4).success : z.ipv6().safeParse(v6).success;
  return isAddress && (written === undefined || port.safeParse(Number(written)).success);
}

const dns = z.strictObject({
  type: z.literal('dns').describe('DNS names the endpoints.'),
  name: dnsName.describe('The whole name: none is completed by search domains.'),
  record: z
    .enum(['a', 'srv'])
    .default('a')
    .describe(
      'a: the addresses of the name (A and AAAA). srv: its SRV records, with ports, weights and priorities.',
    ),
  port: port.optional().describe('Where endpoints answer. Required with record: a; SRV records say it.'),
  family: z
    .enum(['any', 'ipv4', 'ipv6'])
    .default('any')
    .describe('Which addresses are asked for. ipv4 or ipv6 where an endpoint has one of each.'),
  scheme,
  networks,
  resolvers: z
    .array(z.string().refine(isResolver, A_RESOLVER))
    .min(1)
    .optional()
    .describe('Who is asked, by address. Default: the resolvers of this machine.'),
  interval: duration(100, HOUR_MS)
    .prefault('1s')
    .describe('The shortest time between two questions. SRV records are asked for as often as this.'),
  intervalMax: duration(100, HOUR_MS)
    .prefault('30s')
    .describe('The longest, however long the lifetime (TTL) of the records is.'),
  timeout: duration(10, 60_000).prefault('2s').describe('For one question to one resolver.'),
  removeAfter,
});

const endpointsFile = z.strictObject({
  type: z.literal('file').describe('A file lists the endpoints.'),
  path: file.describe('A YAML or JSON file with a list as in endpoints, read again when it changes.'),
  scheme: scheme.describe('What endpoints speak: http stands for https and h2c as well.'),
  networks,
  removeAfter,
});

const objectName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of an object of Kubernetes, such as shop');

const kubernetes = z.strictObject({
  type: z
    .literal('kubernetes')
    .describe(
      'The EndpointSlices of a Service name the endpoints. Needs the package @kubernetes/client-node.',
    ),
  namespace: objectName.default('default').describe('Where the Service is.'),
  service: objectName.describe('The Service whose EndpointSlices name the endpoints.'),
  port: z
    .union([port, objectName], { error: 'the number or the name of a port' })
    .describe('The port of the pods, by number or by its name in the Service.'),
  scheme,
  networks,
  kubeconfig: file
    .optional()
    .describe(
      'How the API is reached. Default: as kubectl finds it; in a pod that is the service account of the pod.',
    ),
  context: z.string().min(1).optional().describe('A context of that file. Default: its current one.'),
});

export const discovery = z.discriminatedUnion('type', [dns, endpointsFile, kubernetes]);

export type DiscoveryConfig = z.output<typeof discovery>;
export type DiscoveryConfigOf<Type extends DiscoveryConfig['type']> = Extract<
  DiscoveryConfig,
  { readonly type: Type }
>;
