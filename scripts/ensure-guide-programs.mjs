// Makes sure that the programs are on this machine with which the commands of the guides are run: PHP with its extension
// for Redis, OpenSSL, and "ip", by which they have a network of their own. Without one, what needs it is skipped and says so.
import { spawnSync } from 'node:child_process';
import { has, install } from './install-program.mjs';

const phpKnowsRedis = () => spawnSync('php', ['-m'], { encoding: 'utf8' }).stdout?.includes('redis') === true;

if (!has('php')) install('php', { 'apt-get': 'php-cli', brew: 'php' });
if (has('php') && !phpKnowsRedis()) install('php-redis', { 'apt-get': 'php-redis' });
if (!has('openssl')) install('openssl', { 'apt-get': 'openssl', brew: 'openssl' });
if (!has('ip')) install('ip', { 'apt-get': 'iproute2' });

const missing = ['php', 'openssl', 'ip'].filter((program) => !has(program));
if (missing.length > 0)
  console.error(`holdfast: without ${missing.join(', ')}: some commands of the guides are not run`);
