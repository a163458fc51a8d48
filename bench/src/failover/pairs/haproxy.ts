import type { Launch } from '../../contenders/contender.ts';
import { STICKY_COOKIE } from '../../contenders/contender.ts';
import { NODE_NAMES, type NodeSetup, type Pair, PROBE_INTERVAL_MS } from '../pair.ts';

/** The cookie of the application, for stickiness by what the client has anyway. */
const APPLICATION_COOKIE = 'sid';

/** Each proxy sends a session that has lost its endpoint to the next in turn, and says so in the cookie. */
export const haproxyCookie: Pair = {
  contender: 'haproxy',
  title: 'HAProxy, `cookie insert`',
  launch: (setup) =>
    launch(setup, ['balance roundrobin', `cookie ${STICKY_COOKIE} insert indirect nocache httponly`]),
};

/** As {@link haproxyCookie}, but where a session goes is a hash of the application's cookie. */
export const haproxyHash: Pair = {
  contender: 'haproxy',
  title: 'HAProxy, `cookie insert`, `balance hash`',
  launch: (setup) =>
    launch(setup, [
      `balance hash req.cook(${APPLICATION_COOKIE})`,
      'hash-type consistent',
      `cookie ${STICKY_COOKIE} insert indirect nocache httponly`,
    ]),
};

/** A table of sessions in each proxy; they tell each other of changes. */
export const haproxyPeers: Pair = {
  contender: 'haproxy',
  title: 'HAProxy, `stick-table` with `peers`',
  launch: (setup) =>
    launch(setup, [
      'balance roundrobin',
      'stick-table type string len 128 size 100k expire 20m peers nodes',
      `stick on req.cook(${APPLICATION_COOKIE})`,
    ]),
};

const launch = (setup: NodeSetup, stickiness: readonly string[]): Launch => ({
  files: { 'haproxy.cfg': configuration(setup, stickiness) },
  command: 'haproxy',
  args: ['-db', '-L', setup.name, '-f', `${setup.directory}/haproxy.cfg`],
});

const configuration = ({ port, peerPorts, endpoints }: NodeSetup, stickiness: readonly string[]): string => `
defaults
  mode http
  timeout connect 1s
  timeout client 75s
  timeout server 60s
  option http-keep-alive
peers nodes
  ${NODE_NAMES.map((name) => `peer ${name} 127.0.0.1:${peerPorts[name]}`).join('\n  ')}
frontend web
  bind 127.0.0.1:${port}
  default_backend shop
backend shop
  ${stickiness.join('\n  ')}
  http-reuse always
  option httpchk GET /
  option redispatch 1
  retries 3
  retry-on all-retryable-errors
  default-server check inter ${PROBE_INTERVAL_MS}ms rise 1 observe layer4 error-limit 1 on-error mark-down
  ${endpoints.map((endpoint) => `server ${endpoint.id} 127.0.0.1:${endpoint.port} cookie ${endpoint.id}`).join('\n  ')}
`;
