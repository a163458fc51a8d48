import type { Certificate } from '../machine/certificate.ts';
import { NGINX, programVersion } from '../machine/programs.ts';
import { type Contender, type Setup, STICKY_COOKIE } from './contender.ts';

/** nginx with one worker: a cookie that it issues itself, hashed onto the endpoints. No active checks in the free one. */
export const nginx: Contender = {
  name: 'nginx',
  title: 'nginx, `hash $cookie`',
  programs: [NGINX],
  version: () => programVersion(NGINX),
  launch: (setup) => ({
    files: { 'nginx.conf': configuration(setup) },
    command: 'nginx',
    args: ['-p', setup.directory, '-e', 'stderr', '-c', `${setup.directory}/nginx.conf`],
  }),
};

const configuration = ({ directory, port, endpoints, accessLog, certificate }: Setup): string => `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 16384; }
http {
  access_log ${accessLog ? `${directory}/access.log` : 'off'};
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  keepalive_timeout 75s;
  keepalive_requests 1000000000;
  map $cookie_${STICKY_COOKIE} $session {
    default $cookie_${STICKY_COOKIE};
    "" $request_id;
  }
  map $cookie_${STICKY_COOKIE} $issued {
    default "";
    "" "${STICKY_COOKIE}=$request_id; Path=/; HttpOnly; SameSite=Lax";
  }
  map $http_upgrade $hop {
    default upgrade;
    "" "";
  }
  upstream shop {
    hash $session consistent;
    ${endpoints.map(({ port: endpointPort }) => `server 127.0.0.1:${endpointPort};`).join('\n    ')}
    keepalive 256;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port}${certificate ? ' ssl' : ''};
    ${certificate ? tlsDirectives(certificate) : ''}
    location / {
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection $hop;
      proxy_set_header Upgrade $http_upgrade;
      proxy_request_buffering off;
      proxy_max_temp_file_size 0;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      add_header Set-Cookie $issued;
    }
  }
}
`;

const tlsDirectives = ({ cert, key }: Certificate): string =>
  `ssl_certificate ${cert}; ssl_certificate_key ${key}; ssl_protocols TLSv1.3;`;
