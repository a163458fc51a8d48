import type { Original, OriginalSetup } from './original.ts';

/** Caddy with a site for each host. It takes an endpoint for down for half a second after a failure, and tries another. */
export const caddy: Original = {
  name: 'Caddy',
  command: 'caddy',
  versionArgs: ['version'],
  configuration: ({ port, endpoints, backends }: OriginalSetup) =>
    [
      '{',
      '  admin off',
      '  auto_https off',
      '}',
      ...backends.flatMap(({ host, lines }) => [
        `http://${host}:${port} {`,
        '  bind 127.0.0.1',
        `  reverse_proxy ${endpoints.map((server) => `127.0.0.1:${server.port}`).join(' ')} {`,
        ...lines.map((line) => `    ${line}`),
        '    lb_try_duration 2s',
        '    lb_try_interval 20ms',
        '    fail_duration 500ms',
        '  }',
        '}',
      ]),
      '',
    ].join('\n'),
  env: ({ dir }) => ({ HOME: dir, XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir }),
  args: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
};
