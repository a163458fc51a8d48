import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type NodeWishes, nodeConfig } from '../support/node-config.ts';
import { reloadCommand, wishesFor } from '../support/reloading.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const stage = useStage();

/** What a node is told that has the endpoints of these numbers, from 1. */
const wishes = (numbers: readonly number[], more: Partial<NodeWishes> = {}): NodeWishes =>
  wishesFor(stage(), numbers, more);

describe('a configuration file that changes', () => {
  it('is noticed, be it written in place, renamed over, or reached by another link', async () => {
    await stage().startEndpoints(3);
    const node = await stage().startNode(wishes([1]));
    const endpoints = async () =>
      (await node.status()).pools.flatMap((pool) => pool.endpoints.map(({ id }) => id));
    const becomes = (...ids: readonly string[]) =>
      until(`the node has ${ids}`, async () => `${await endpoints()}` === `${ids.map((id) => `shop/${id}`)}`);

    await node.write(wishes([1, 2]));
    await becomes('shop-1', 'shop-2');

    const text = (...numbers: number[]): string => nodeConfig(node.name, node.ports, wishes(numbers));
    await writeFile(`${node.file}.new`, text(3));
    await rename(`${node.file}.new`, node.file);
    await becomes('shop-3');

    // As Kubernetes mounts a ConfigMap: the file is a link through a directory that is a link.
    const dir = stage().dir;
    for (const [version, numbers] of [
      ['v1', [3]],
      ['v2', [1, 2, 3]],
    ] as const)
      await writeFile(join(dir, version), text(...numbers));
    await symlink('v1', join(dir, 'data'));
    await rm(node.file);
    await symlink('data', node.file);
    await symlink('v2', join(dir, 'data.new'));
    await rename(join(dir, 'data.new'), join(dir, 'data'));
    await becomes('shop-1', 'shop-2', 'shop-3');
    expect((await node.status()).configuration.lastReload).toMatchObject({
      outcome: 'applied',
      trigger: 'file',
    });
  });

  it('is what the node was started with when the reload changes nothing', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode(wishes([1]));
    const { hash } = (await node.status()).configuration;
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const { exitCode, stdout } = await reloadCommand(node);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'reloaded: nothing has changed\n' });
    expect((await node.status()).configuration.hash).toBe(hash);
  });
});
