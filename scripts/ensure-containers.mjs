// Makes sure that what stands in for a container engine is on this machine: Compose, whose own schema the stack is checked
// with, a name server, and the tools of network namespaces. What cannot be installed is told, and its tests are skipped.
import { has, install } from './install-program.mjs';

const PROGRAMS = {
  'docker-compose': 'docker-compose',
  dnsmasq: 'dnsmasq-base',
  unshare: 'util-linux',
  ip: 'iproute2',
};

for (const [program, package_] of Object.entries(PROGRAMS)) {
  if (!has(program)) install(program, { 'apt-get': package_ });
}

const missing = Object.keys(PROGRAMS).filter((program) => !has(program));
if (missing.length > 0)
  console.error(`holdfast: without ${missing.join(', ')}, parts of infra/compose are then not checked`);
