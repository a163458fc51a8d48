import type { Original, OriginalSetup } from './original.ts';

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** nginx in one process, with an `upstream` for each host. It takes an endpoint for down for a second after a failure. */
export const nginx: Original = {
  name: 'nginx',
  command: 'nginx',
  versionArgs: ['-v'],
  configuration: ({ dir, port, endpoints, backends }: OriginalSetup) =>
    [
      'daemon off;',
      'master_process off;',
      `pid ${dir}/nginx.pid;`,
      'events {}',
      'http {',
      '  access_log off;',
      '  server_names_hash_bucket_size 128;',
      ...TEMPORARY.map((name) => `  ${name}_temp_path ${dir}/${name};`),
      ...backends.flatMap(({ host, lines }) => [
        `  upstream ${host} {`,
        ...lines.map((line) => `    ${line};`),
        ...endpoints.map((server) => `    server 127.0.0.1:${server.port} max_fails=1 fail_timeout=1s;`),
        '  }',
        `  server { listen 127.0.0.1:${port}; server_name ${host}; location / { proxy_pass http://${host}; } }`,
      ]),
      '}',
      '',
    ].join('\n'),
  args: (file, { dir }) => ['-p', dir, '-e', 'stderr', '-c', file],
};
