import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';
import { redisStoreContract, startRedis } from '../testing/index.ts';

const isInstalled = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;

redisStoreContract('redis', () => startRedis());

describe.skipIf(!isInstalled('valkey-server'))('where Valkey is installed', () => {
  redisStoreContract('valkey', () => startRedis({ program: 'valkey-server' }));
});
