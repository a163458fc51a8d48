import type { Endpoint } from '../endpoints/endpoints.ts';
import { HAPROXY, programVersion } from '../machine/programs.ts';
import { type Contender, HEALTH_CHECK_SECONDS, type Setup, STICKY_COOKIE } from './contender.ts';

/** HAProxy with one thread; its cookie names the endpoint, so it keeps no session in memory. */
export const haproxy: Contender = {
  name: 'haproxy',
  title: 'HAProxy, `cookie insert`',
  programs: [HAPROXY],
  passesThrough: true,
  version: () => programVersion(HAPROXY),
  launch: (setup) => ({
    files: { 'haproxy.cfg': setup.passesThrough ? carrying(setup) : configuration(setup) },
    command: 'haproxy',
    args: ['-db', '-f', `${setup.directory}/haproxy.cfg`],
  }),
};

const configuration = ({ port, endpoints, accessLog, certificate }: Setup): string => `
global
  nbthread 1
  maxconn 16384
  no strict-limits
  ${accessLog ? 'log stdout format raw local0' : ''}
defaults
  mode http
  timeout connect 1s
  timeout client 75s
  timeout server 60s
  timeout tunnel 60s
  option http-keep-alive
  option forwardfor
  ${accessLog ? 'log global\n  option httplog' : ''}
frontend web
  bind 127.0.0.1:${port}${certificate ? ` ssl crt ${certificate.pem} ssl-min-ver TLSv1.3` : ''}
  http-request set-header X-Forwarded-Proto ${certificate ? 'https' : 'http'}
  default_backend shop
backend shop
  balance roundrobin
  cookie ${STICKY_COOKIE} insert indirect nocache httponly
  http-reuse always
  option httpchk GET /
  ${endpoints.map(endpointLine).join('\n  ')}
`;

/** Stickiness by the client's address, in a table as Holdfast has one. */
const carrying = ({ port, endpoints, accessLog }: Setup): string => `
global
  nbthread 1
  maxconn 16384
  no strict-limits
  ${accessLog ? 'log stdout format raw local0' : ''}

defaults
  mode tcp
  timeout connect 1s
  timeout client 10m
  timeout server 10m
  ${accessLog ? 'log global\n  option tcplog' : ''}

frontend web
  bind 127.0.0.1:${port}
  default_backend shop

backend shop
  balance roundrobin
  stick-table type ip size 100k expire 20m
  stick on src
  ${endpoints.map(({ id, port: endpointPort }) => `server ${id} 127.0.0.1:${endpointPort} check inter ${HEALTH_CHECK_SECONDS}s`).join('\n  ')}
`;

const endpointLine = ({ id, port }: Endpoint): string =>
  `server ${id} 127.0.0.1:${port} cookie ${id} check inter ${HEALTH_CHECK_SECONDS}s`;
