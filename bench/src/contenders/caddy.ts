import { CADDY, programVersion } from '../machine/programs.ts';
import { type Contender, HEALTH_CHECK_SECONDS, type Setup, STICKY_COOKIE } from './contender.ts';

/** Caddy with one Go thread for Go code; its cookie is a keyed hash of the endpoint. */
export const caddy: Contender = {
  name: 'caddy',
  title: 'Caddy, `lb_policy cookie`',
  programs: [CADDY],
  version: () => programVersion(CADDY),
  launch: (setup) => ({
    files: { Caddyfile: configuration(setup) },
    command: 'caddy',
    args: ['run', '--config', `${setup.directory}/Caddyfile`, '--adapter', 'caddyfile'],
    env: {
      GOMAXPROCS: '1',
      HOME: setup.directory,
      XDG_CONFIG_HOME: setup.directory,
      XDG_DATA_HOME: setup.directory,
    },
  }),
};

const configuration = ({ directory, port, endpoints, accessLog, certificate }: Setup): string => `{
  admin off
  auto_https off
  servers {
    protocols h1
  }
}
${certificate ? 'https' : 'http'}://:${port} {
  bind 127.0.0.1
  ${certificate ? `tls ${certificate.cert} ${certificate.key} {\n    protocols tls1.3\n  }` : ''}
  ${accessLog ? `log {\n    output file ${directory}/access.log\n  }` : ''}
  reverse_proxy ${endpoints.map((endpoint) => `127.0.0.1:${endpoint.port}`).join(' ')} {
    lb_policy cookie ${STICKY_COOKIE} a-secret-of-the-bench
    health_uri /
    health_interval ${HEALTH_CHECK_SECONDS}s
    transport http {
      keepalive_idle_conns_per_host 256
    }
  }
}
`;
