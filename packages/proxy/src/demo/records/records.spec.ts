import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostsText, replaceFile } from './hosts-file.ts';
import { namedAddresses } from './named-addresses.ts';

const states = (ready: Readonly<Record<string, boolean>>) =>
  Object.entries(ready).map(([address, isReady]) => ({ address, isReady }));

describe('the addresses that a name stands for', () => {
  it('are those of the nodes that are ready', () => {
    const now = states({ '10.0.0.1': true, '10.0.0.2': false, '10.0.0.3': true });
    expect(namedAddresses(now, ['10.0.0.2'])).toEqual(['10.0.0.1', '10.0.0.3']);
  });

  it('stay as they are while no node is ready: a name without addresses is an outage for sure', () => {
    expect(namedAddresses(states({ '10.0.0.1': false }), ['10.0.0.1'])).toEqual(['10.0.0.1']);
  });
});

describe('a hosts file', () => {
  it('has a line for each address', () => {
    expect(hostsText('shop.test', ['10.0.0.1', 'fd00::1'])).toBe('10.0.0.1 shop.test\nfd00::1 shop.test\n');
  });

  it('is replaced as a whole, and no draft is left where a name server reads', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-records-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'hosts');
    await replaceFile(file, 'first\n');
    await replaceFile(file, 'second\n');
    expect(await readFile(file, 'utf8')).toBe('second\n');
    expect(await readdir(folder)).toEqual(['hosts']);
  });
});
