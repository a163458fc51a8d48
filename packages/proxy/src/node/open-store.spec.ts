import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpointId, type Pin, poolName, sessionKey, silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeConfig } from '../testing/node-config.ts';
import { openStore } from './open-store.ts';

const clock = new ManualClock();
const open = (url: string) => openStore(nodeConfig({ store: { url } }), clock, seededRandom(1), silentLogger);

const key = sessionKey('AAAAAAAAAAAAAAAAAAAAAA');
const pin: Pin = {
  endpoint: endpointId(poolName('shop'), 'a'),
  version: 1,
  pinnedAtMs: clock.now(),
  expiresAtMs: clock.now() + 1_000,
  endsAtMs: clock.now() + 2_000,
};

describe('the store of a node', () => {
  const directories: string[] = [];
  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  it('is the memory of the process where the URL says so, guarded and counted', async () => {
    const { kind, guarded, counted } = await open('memory:');
    expect(kind).toBe('memory');
    expect(guarded.state).toBe('available');
    await guarded.sessions.pin(key, pin, clock.now());
    expect(await guarded.sessions.find(key, clock.now())).toEqual(pin);
    expect(counted.counts).toMatchObject({ pin: 1, find: 1 });
    await guarded.close();
  });

  it('is the file that the URL names', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-open-store-'));
    directories.push(directory);
    const { kind, guarded } = await open(`sqlite:${join(directory, 'sessions.db')}`);
    expect(kind).toBe('sqlite');
    await guarded.sessions.pin(key, pin, clock.now());
    await guarded.close();
    expect((await stat(join(directory, 'sessions.db'))).isFile()).toBe(true);
  });

  it.each([
    'redis://127.0.0.1:1',
    'rediss://user:secret@127.0.0.1:1/2',
    'redis+sentinel://127.0.0.1:1/shop',
    'rediss+cluster://127.0.0.1:1',
  ])('is redis for %s, which need not be there yet, and its kind tells no secret', async (url) => {
    const { kind, guarded } = await open(url);
    expect(kind).toBe('redis');
    await guarded.close();
  });

  it('is not opened where a file of its TLS cannot be read, and the file is named', async () => {
    const config = nodeConfig({ store: { url: 'rediss://127.0.0.1:1', tls: { ca: '/no/such/ca.pem' } } });
    await expect(openStore(config, clock, seededRandom(1), silentLogger)).rejects.toThrow(
      'store: read /no/such/ca.pem',
    );
  });
});
