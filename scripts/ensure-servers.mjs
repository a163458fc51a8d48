// Makes sure that HAProxy, nginx and Caddy are on this machine, because profiles are compared with the real ones.
// Not every distribution has all of them: what cannot be installed is told, and its tests are skipped and say so.
import { has, install } from './install-program.mjs';

const SERVERS = ['haproxy', 'nginx', 'caddy'];

for (const server of SERVERS) {
  if (!has(server)) install(server, { 'apt-get': server, brew: server }, { isService: true });
}

const missing = SERVERS.filter((server) => !has(server));
if (missing.length > 0)
  console.error(`holdfast: without ${missing.join(', ')}, to which profiles are then not compared`);
