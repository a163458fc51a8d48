import { createServer } from 'node:net';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeptConnection } from '../support/kept-connection.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { reloadCommand, wishesFor } from '../support/reloading.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const stage = useStage();

/** What a node is told that has the endpoints of these numbers, from 1. */
const wishes = (numbers: readonly number[], more: Partial<NodeWishes> = {}): NodeWishes =>
  wishesFor(stage(), numbers, more);

describe('a reload that is refused', () => {
  it('changes nothing and says what is wrong, in the words of validate', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode(wishes([1]));
    const kept = await KeptConnection.open(node.ports.port);
    await node.write(
      wishes([1], { pool: { balnce: 'round-robin' }, top: { store: { url: 'sqlite:x.db' } } }),
    );
    const { exitCode, stdout, stderr } = await reloadCommand(node);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`${node.file}:`);
    expect(stderr).toContain('did you mean "balance"?');
    expect(stderr).toContain('the configuration before stays in force');

    node.child.signal('SIGHUP');
    const told = () => node.events.filter(({ msg }) => `${msg}`.startsWith('configuration not reloaded'));
    await until('the signal is answered', () => told().some(({ trigger }) => trigger === 'signal'));
    expect(told().every(({ problems }) => `${problems}`.includes('did you mean "balance"?'))).toBe(true);
    expect((await node.status()).configuration.lastReload).toMatchObject({
      outcome: 'refused',
      cause: 'configuration',
      trigger: 'signal',
    });
    expect(await kept.ask()).toContain('200 OK');
  });

  it('names everything that a running node cannot change', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode(wishes([1]));
    const top = { cluster: { name: 'other', node: node.name } };
    const listener = { server: 'node', debugHeaders: false };
    await node.write(
      wishes([1], { storeUrl: 'sqlite:other.db', admin: { listen: '127.0.0.1:1' }, top, listener }),
    );
    const { exitCode, stderr } = await reloadCommand(node);
    expect(exitCode).toBe(2);
    for (const path of ['cluster.name', 'store.url', 'admin.listen']) {
      expect(stderr).toMatch(new RegExp(`${path}: expected what .*restart the node`));
    }
    expect(stderr).toMatch(/listeners\[0\]\.server: .*choose another address/);
    const kept = await KeptConnection.open(node.ports.port);
    expect(await kept.ask()).toContain('Holdfast-Node');
  });

  it('exits with 1 where a certificate cannot be read or an address is taken, and leaves no socket open', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode(wishes([1]));
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await until('it is taken', () => taken.listening);
    const free = await freePort();
    const web = { name: 'web', listen: `127.0.0.1:${node.ports.port}`, pool: 'shop' };
    const early = { name: 'early', listen: `127.0.0.1:${free}`, pool: 'shop' };
    const { port } = taken.address() as { port: number };
    const late = { name: 'late', listen: `127.0.0.1:${port}`, pool: 'shop' };
    const certificates = [{ cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' }];
    const tls = {
      ...late,
      listen: `127.0.0.1:${await freePort()}`,
      protocol: 'https',
      tls: { certificates },
    };
    for (const [listener, words] of [
      [late, 'listener "late" cannot listen on'],
      [tls, '/nowhere/'],
    ] as const) {
      await node.write(wishes([1], { top: { listeners: [web, early, listener] } }));
      const { exitCode, stderr } = await reloadCommand(node);
      expect(exitCode).toBe(1);
      expect(stderr).toContain(words);
      await expect(RawConnection.open(free)).rejects.toThrow('ECONNREFUSED');
    }
    const kept = await KeptConnection.open(node.ports.port);
    expect(await kept.ask()).toContain('Holdfast-Node');
  });
});
