// Makes sure that a redis-server program is on this machine, because the store's tests run on a real one.
// Installs it with the platform's package manager; where there is none it says what to do and fails:
// the tests that need Redis are never skipped.
import { has, install } from './install-program.mjs';

if (!has('redis-server')) {
  install('redis-server', { 'apt-get': 'redis-server', brew: 'redis' }, { isService: true });
}
if (!has('redis-server')) {
  console.error(
    'holdfast: the tests need a redis-server program (6.2 or newer) on the PATH. Install Redis or Valkey, then run this again.',
  );
  process.exit(1);
}
