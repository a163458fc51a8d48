import { z } from 'zod';
import { formatDuration, parseDuration } from '../duration.ts';
import { formatListenAddress, type ListenAddress, parseListenAddress } from './listen-address.ts';

/**
 * The kinds of single values that the configuration file is made of. Each message of a refinement completes
 * the sentence "expected ...", each title says what kind of value it is where no more than a word is wanted. Those that the
 * program sees in another form than they are written in are codecs, so that an effective configuration can be written back.
 */

export const HOUR_MS = 3_600_000;
export const YEAR_MS = 365 * 24 * HOUR_MS;

/** The name of a pool, a listener, a cluster or a node. */
export const name = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/i,
    'letters, digits, ".", "_" and "-", at most 63, starting with a letter or digit',
  )
  .meta({ title: 'name' });

/** As {@link name}, and long enough and with the signs for `host:port`, which is the default. */
export const endpointName = z
  .string()
  .regex(
    /^[a-z0-9[][a-z0-9._:[\]-]{0,127}$/i,
    'letters, digits, ".", "_", "-", ":" and brackets, at most 128, starting with a letter or digit',
  )
  .meta({ title: 'id' });

export const cookieName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/, 'a cookie name (RFC 6265 token) of at most 64 characters')
  .meta({ title: 'cookie name' });

export const headerName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/, 'a header name (RFC 9110 token) of at most 64 characters')
  .meta({ title: 'header name' });

/** The name of a JSON field that is looked for in a body. */
export const jsonFieldName = z
  .string()
  .regex(/^[\w.$-]{1,64}$/, 'the name of a JSON field: letters, digits, ".", "_", "$" and "-", at most 64')
  .meta({ title: 'name of a JSON field' });

/** The name of a parameter of a query or a path. */
export const parameterName = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,64}$/, 'letters, digits, ".", "_", "~" and "-", at most 64')
  .meta({ title: 'parameter name' });

const A_DURATION = 'a duration with its unit, such as 250ms, 2s, 20m or 1h30m';

/** A file, by its path; a relative one counts from where the process was started. */
export const file = z.string().min(1).meta({ title: 'file' });

/** A duration with its unit, within limits; the program sees milliseconds. */
export const duration = (minMs: number, maxMs: number) =>
  z.codec(
    z.string(A_DURATION).meta({
      title: `duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`,
      pattern: '^([0-9]{1,9}(ms|s|m|h|d))+$',
      examples: ['250ms', '2s', '20m', '24h'],
    }),
    z.number(),
    {
      decode(text, context) {
        const durationMs = parseDuration(text);
        if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
        const message =
          durationMs === undefined
            ? A_DURATION
            : `a duration from ${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
        context.issues.push({ code: 'custom', input: text, message });
        return z.NEVER;
      },
      encode: formatDuration,
    },
  );

const A_NETWORK = 'an address or network, such as 10.0.0.0/8';
const anyNetwork = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);

/** Addresses of clients or proxies. */
export const network = z
  .string()
  .refine((text) => anyNetwork.safeParse(text).success, A_NETWORK)
  .meta({ title: 'network', pattern: '^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$' });

/** What a client may carry in a cookie to name an endpoint; `|` and `~` separate it from what stands beside it. */
export const endpointLabel = z
  .string()
  .regex(
    /^[!#$%&'()*+./0-9:<=>?@A-Z[\]^_`a-z{}-]{1,128}$/,
    'letters, digits and signs, but no space, quote, ",", ";", "\\", "|" or "~", at most 128',
  )
  .meta({ title: 'label' });

/** A number of some unit, for what other systems do not write as a duration. */
export const counted = (min: number, max: number, unit: string) => {
  const expected = `a whole number of ${unit} from ${min} to ${max}`;
  const title = `${unit} from ${min.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}`;
  return z.int(expected).min(min, expected).max(max, expected).meta({ title });
};

const AN_ADDRESS = 'an address to listen on, such as 0.0.0.0:8080, [::]:8080 or 127.0.0.1:0';

/** `host:port`, `[v6]:port`, or `:port` for every IPv4 address. */
export const listen = z.codec(
  z.string(AN_ADDRESS).meta({
    title: 'address and port',
    pattern: ':[0-9]{1,5}$',
    examples: ['0.0.0.0:8080', '[::]:8080', '127.0.0.1:0'],
  }),
  z.custom<ListenAddress>(),
  {
    decode(text, context) {
      const address = parseListenAddress(text);
      if (address !== undefined) return address;
      context.issues.push({ code: 'custom', input: text, message: AN_ADDRESS });
      return z.NEVER;
    },
    encode: formatListenAddress,
  },
);

export const endpointUrl = z
  .string()
  .refine(
    isEndpointUrl,
    'an http://, https://, h2c://, tcp:// or udp:// URL with a host and without user, path or query, such as http://10.0.0.1:8080; tcp and udp name a port',
  )
  .meta({
    title: 'URL',
    pattern: '^(https?|h2c|tcp|udp)://',
    examples: [
      'http://10.0.0.1:8080',
      'https://shop-1.internal',
      'h2c://10.0.0.1:50051',
      'tcp://10.0.0.1:6379',
    ],
  });

const DEFAULT_PORTS: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
]);

const H2C = /^h2c:/i;
const LAYER_4 = /^(?:tcp|udp):/i;

/** `URL` knows neither of these, and reads the host and port of a scheme that it does not know by other rules. */
const readable = (url: string): string => url.replace(H2C, 'http:').replace(LAYER_4, 'http:');

/** Scheme, host and port of an endpoint, a default port left out: two URLs of one endpoint give one answer. */
export function endpointOrigin(url: string): string {
  const { origin, host } = new URL(readable(url));
  const [layer4] = LAYER_4.exec(url) ?? [];
  if (layer4 !== undefined) return `${layer4.toLowerCase()}//${endpointAddress(url)}`;
  return H2C.test(url) ? `h2c://${host}` : origin;
}

/** What is carried to an endpoint: requests, connections, or datagrams. */
export type EndpointKind = 'http' | 'tcp' | 'udp';

export function endpointKind(url: string): EndpointKind {
  const [layer4] = LAYER_4.exec(url) ?? [];
  return layer4 === undefined ? 'http' : layer4.toLowerCase() === 'tcp:' ? 'tcp' : 'udp';
}

function isEndpointUrl(text: string): boolean {
  if (!URL.canParse(readable(text))) return false;
  const url = new URL(readable(text));
  const bare =
    url.username === '' &&
    url.password === '' &&
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '';
  return DEFAULT_PORTS.has(url.protocol) && url.hostname !== '' && bare && namesItsPort(text);
}

/** Beyond HTTP there is no port that goes without saying. */
const namesItsPort = (url: string): boolean => !LAYER_4.test(url) || /:\d{1,5}\/?$/.test(url);

/** The address of an endpoint as `host:port`, the port always named: two URLs of one endpoint give one answer. */
export function endpointAddress(url: string): string {
  const { hostname, port, protocol } = new URL(readable(url));
  return `${hostname}:${port || DEFAULT_PORTS.get(protocol)}`;
}
