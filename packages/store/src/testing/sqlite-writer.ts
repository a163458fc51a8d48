import { writeSync } from 'node:fs';
import { endpointId, poolName, sessionKey, systemClock } from '@holdfast/shared';
import { openSqliteStore } from '../sqlite/index.ts';

// A process of its own, started by a test that kills it: pins sessions for ever, and writes the key of each that
// was acknowledged to standard output. Arguments: the file, and the number of the first session.
const STDOUT = 1;
const START_MS = 1_700_000_000_000;
const [file = '', firstIndex = '0'] = process.argv.slice(2);
const pin = {
  endpoint: endpointId(poolName('shop'), 'shop-1'),
  version: 1,
  pinnedAtMs: START_MS,
  expiresAtMs: START_MS + 60_000,
  endsAtMs: START_MS + 600_000,
};

// The store's timers keep no process alive. An open standard input does, until the test is gone.
process.stdin.on('end', () => process.exit()).resume();
const store = await openSqliteStore({ file, clock: systemClock, busyTimeoutMs: 5_000 });
for (let index = Number(firstIndex); ; index += 1) {
  const key = sessionKey(String(index).padStart(22, 'k'));
  await store.sessions.pin(key, pin, START_MS);
  writeSync(STDOUT, `${key}\n`);
}
