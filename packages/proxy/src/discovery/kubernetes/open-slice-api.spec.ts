import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type DiscoveryConfigOf } from '@holdfast/shared/config';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSliceApi } from './open-slice-api.ts';

const configOf = (written: object): DiscoveryConfigOf<'kubernetes'> => {
  const discovery = { type: 'kubernetes', service: 'shop', port: 80, ...written };
  const { pools } = configSchema.parse({
    listeners: [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop' }],
    pools: [{ name: 'shop', discovery }],
  });
  return pools[0]?.discovery as DiscoveryConfigOf<'kubernetes'>;
};

/** A kubeconfig with a context `test`, by its path. */
async function kubeconfig(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const text = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'test', user: { token: 'a token' } }],
  };
  const path = join(dir, 'kubeconfig');
  await writeFile(path, JSON.stringify(text));
  return path;
}

describe('the Kubernetes API', () => {
  afterEach(() => vi.doUnmock('@kubernetes/client-node'));

  it('cannot be opened without its client, and what to install is said', async () => {
    vi.doMock('@kubernetes/client-node', () => {
      throw new Error('Cannot find package');
    });
    const { openSliceApi: open } = await import('./open-slice-api.ts');
    await expect(open(configOf({}))).rejects.toThrow(/npm install @kubernetes\/client-node/);
  });

  it('cannot be opened by a kubeconfig that is not there', async () => {
    await expect(openSliceApi(configOf({ kubeconfig: '/nowhere/kubeconfig' }))).rejects.toThrow(
      'cannot read the kubeconfig /nowhere/kubeconfig',
    );
  });

  it('cannot be opened by a context that the kubeconfig does not have', async () => {
    const config = configOf({ kubeconfig: await kubeconfig(), context: 'other' });
    await expect(openSliceApi(config)).rejects.toThrow('no cluster in the kubeconfig for context other');
  });

  it('is opened before anything is asked of it, and a refused connection is an error of the list', async () => {
    const api = await openSliceApi(configOf({ kubeconfig: await kubeconfig() }));
    await expect(api.list()).rejects.toThrow();
    await expect(api.watch('1', () => {})).rejects.toThrow();
  });
});
