import { STICKY_COOKIE } from '../../contenders/contender.ts';
import { type NodeSetup, type Pair, PROBE_INTERVAL_MS } from '../pair.ts';

/** A keyed hash of the endpoint as the cookie; each proxy chooses another endpoint by chance when that one is down. */
export const caddyCookie: Pair = {
  contender: 'caddy',
  title: 'Caddy, `lb_policy cookie`',
  launch: (setup) => ({
    files: { Caddyfile: configuration(setup) },
    command: 'caddy',
    args: ['run', '--config', `${setup.directory}/Caddyfile`, '--adapter', 'caddyfile'],
    env: { HOME: setup.directory, XDG_CONFIG_HOME: setup.directory, XDG_DATA_HOME: setup.directory },
  }),
};

const configuration = ({ port, endpoints }: NodeSetup): string => `{
  admin off
  auto_https off
  servers {
    protocols h1
  }
}
http://:${port} {
  bind 127.0.0.1
  reverse_proxy ${endpoints.map((endpoint) => `127.0.0.1:${endpoint.port}`).join(' ')} {
    lb_policy cookie ${STICKY_COOKIE} a-secret-of-the-bench
    lb_try_duration 5s
    lb_try_interval 10ms
    health_uri /
    health_interval ${PROBE_INTERVAL_MS}ms
    fail_duration 1s
    max_fails 1
  }
}
`;
