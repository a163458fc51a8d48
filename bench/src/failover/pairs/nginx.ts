import { STICKY_COOKIE } from '../../contenders/contender.ts';
import type { NodeSetup, Pair } from '../pair.ts';

/** A cookie that it issues, hashed onto the endpoints in the same way by both. The free nginx checks no endpoint. */
export const nginxHash: Pair = {
  contender: 'nginx',
  title: 'nginx, `hash $cookie consistent`',
  launch: (setup) => ({
    files: { 'nginx.conf': configuration(setup) },
    command: 'nginx',
    args: ['-p', setup.directory, '-e', 'stderr', '-c', `${setup.directory}/nginx.conf`],
  }),
};

const configuration = ({ directory, port, endpoints }: NodeSetup): string => `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  map $cookie_${STICKY_COOKIE} $session {
    default $cookie_${STICKY_COOKIE};
    "" $request_id;
  }
  map $cookie_${STICKY_COOKIE} $issued {
    default "";
    "" "${STICKY_COOKIE}=$request_id; Path=/; HttpOnly; SameSite=Lax";
  }
  upstream shop {
    hash $session consistent;
    ${endpoints.map((endpoint) => `server 127.0.0.1:${endpoint.port} max_fails=1 fail_timeout=1s;`).join('\n    ')}
    keepalive 256;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://shop;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout 1s;
      add_header Set-Cookie $issued;
    }
  }
}
`;
