import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@holdfast/shared';
import { storeContract } from '../testing/index.ts';
import { openSqliteStore } from './sqlite-store.ts';

storeContract('sqlite', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-sqlite-'));
  return {
    open: () => openSqliteStore({ file: join(dir, 'sessions.db'), clock: systemClock }),
    end: () => rm(dir, { recursive: true }),
  };
});
