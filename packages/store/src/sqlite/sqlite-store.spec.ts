import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@holdfast/shared';
import { storeContract } from '../testing/index.ts';
import { openSqliteStore } from './sqlite-store.ts';

// A file that is new for each history costs a disk more than it does the others.
storeContract(
  'sqlite',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-sqlite-'));
    return {
      open: () => openSqliteStore({ file: join(dir, 'sessions.db'), clock: systemClock }),
      end: () => rm(dir, { recursive: true }),
    };
  },
  30,
);
