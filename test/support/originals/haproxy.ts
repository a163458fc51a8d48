import { CHECK_INTERVAL, type Original, type OriginalSetup } from './original.ts';

/** Where it takes commands while it runs. */
export const haproxySocket = (dir: string): string => `${dir}/haproxy.sock`;

/** HAProxy in one process, with a `backend` for each host. It prints the id of each request, and its flags. */
export const haproxy: Original = {
  name: 'HAProxy',
  command: 'haproxy',
  versionArgs: ['-v'],
  configuration: ({ dir, port, endpoints, backends }: OriginalSetup) =>
    [
      'global',
      `  stats socket ${haproxySocket(dir)} mode 600 level admin`,
      'defaults',
      '  mode http',
      '  timeout connect 1s',
      '  timeout client 20s',
      '  timeout server 20s',
      '  retries 1',
      'frontend web',
      `  bind 127.0.0.1:${port}`,
      '  log stdout format raw local0',
      '  capture request header x-request-id len 32',
      '  log-format "%[capture.req.hdr(0)] %tsc"',
      ...backends.map(({ host }) => `  use_backend ${host} if { hdr(host) ${host} }`),
      ...backends.flatMap(({ host, lines, isChecked }) => [
        `backend ${host}`,
        '  balance roundrobin',
        ...lines.map((line) => `  ${line}`),
        ...endpoints.map(
          (server) =>
            `  server ${server.label} 127.0.0.1:${server.port}${labelOf(lines, server.label)}${
              isChecked ? ` check inter ${CHECK_INTERVAL} fall 1 rise 1` : ''
            }`,
        ),
      ]),
      '',
    ].join('\n'),
  args: (file) => ['-db', '-f', file],
};

/** A server has a label of its own where there is a cookie to put it into. */
const labelOf = (lines: readonly string[], label: string): string =>
  lines.some((line) => line.startsWith('cookie ') && !line.includes(' dynamic')) ? ` cookie ${label}` : '';
