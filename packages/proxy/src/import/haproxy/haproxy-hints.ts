import type { Draft } from '../draft.ts';
import type { HaproxyLine } from './haproxy-lines.ts';

const NOT_NEEDED = 'not needed';
const BY_MIDDLEWARE = 'not a matter of stickiness: a middleware can do it (docs/guides/middleware.md)';

/** What to know of a line that is not carried over, by its beginning. */
const HINTS: readonly (readonly [beginning: RegExp, hint: string])[] = [
  [/^option (?:forwardfor|forwarded)/, `${NOT_NEEDED}: X-Forwarded-* and Forwarded are always set`],
  [
    /^option (?:redispatch|allbackups|http-server-close|http-keep-alive|httpclose|forceclose|http-use-htx)/,
    `${NOT_NEEDED}: Holdfast keeps connections, and moves sessions of endpoints that are down`,
  ],
  [
    /^(?:option (?:httplog|tcplog|dontlognull|dontlog-normal|logasap|log-)|log\b|log-)/,
    `${NOT_NEEDED}: each request is one line of JSON on standard output (log.access)`,
  ],
  [
    /^(?:no )?option persist|^(?:force|ignore)-persist/,
    'a session moves when its endpoint is down (affinity.onEndpointDown: fail holds it)',
  ],
  [/^no /, NOT_NEEDED],
  [/^retries|^retry-on/, 'Holdfast tries once more where nothing was sent or the method is idempotent'],
  [
    /^timeout tunnel|^timeout (?:client|server)-fin/,
    'tunnels such as WebSockets last for as long as both sides keep them open',
  ],
  [
    /^(?:http-(?:request|response|after-response)|redirect|reqrep|rspadd|rsp|req|compression|errorfile|errorloc|filter|capture|monitor|tcp-(?:request|response))/,
    BY_MIDDLEWARE,
  ],
  [/^stats/, 'the admin listener shows what a node does ("admin: {}")'],
  [/^hash-type/, `${NOT_NEEDED}: hashing is always consistent`],
  [/^fullconn|^option (?:tcpka|clitcpka|srvtcpka|splice|tcp-smart)/, NOT_NEEDED],
  [/^peers|^peer\b/, `${NOT_NEEDED}: nodes share their sessions through the store`],
  [/^server-template/, 'name each endpoint by itself'],
  [/^use-server/, 'requests are not sent to single endpoints by rules'],
  [/^http-check|^tcp-check/, 'only a path and a status are checked (healthCheck)'],
  [/^(?:description|id|disabled|enabled)\b/, NOT_NEEDED],
];

/** Says of a line that it is not carried over, and what to know of that. */
export function noteLeft(draft: Draft, line: HaproxyLine, reason?: string): void {
  const text = [line.name, ...line.args].join(' ');
  const hint = HINTS.find(([beginning]) => beginning.test(text))?.[1];
  draft.note({ line: line.line, name: nameOf(line) }, reason ?? hint ?? 'no equivalent');
}

/** What tells a line apart: `option httplog`, `timeout tunnel`, but `server`. */
const nameOf = ({ name, args: [first] }: HaproxyLine): string =>
  first !== undefined && /^(?:option|no|timeout|http-request|http-response|http-check|stats)$/.test(name)
    ? `${name} ${first}`
    : name;
