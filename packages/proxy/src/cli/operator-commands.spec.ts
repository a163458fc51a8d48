import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminWorld, keyOf } from '../admin/testing/admin-world.ts';
import { runCommand } from './program.ts';

let world: AdminWorld;
let server: Server;
let url: string;
beforeEach(async () => {
  world = new AdminWorld({ type: 'header', name: 'X-User' });
  server = createAdaptorServer({ fetch: world.app.fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** What a command prints and complains of, and its exit code. */
async function run(...args: readonly string[]) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const terminal = {
    environment: {},
    print: (text: string) => void printed.push(text),
    complain: (text: string) => void complaints.push(text),
  };
  const exitCode = await runCommand([...args, '--url', url], terminal);
  return { exitCode, printed: printed.join('\n'), complaints: complaints.join('\n') };
}

describe('the commands of operators', () => {
  it('show endpoints as a table, or as the node has answered', async () => {
    await world.pin(1, 'a');
    expect((await run('endpoints', 'list')).printed).toMatch(
      /^ENDPOINT +STANDING +SESSIONS .*\nshop\/a +serving +1 /,
    );
    const { printed } = await run('endpoints', 'list', '--json');
    expect(JSON.parse(printed).endpoints).toHaveLength(3);
  });

  it('have a node leave, and end when nobody finds it any more', async () => {
    world.departure = [20.4, 0.2, 0];
    expect(await run('leave')).toEqual({
      exitCode: 0,
      printed: 'the node has left: it may be ended',
      complaints: '',
    });
    expect(world.departure).toEqual([]);
  });

  it('say why a node cannot leave', async () => {
    world.departure = [];
    const { exitCode, complaints } = await run('leave');
    expect(exitCode).toBe(1);
    expect(complaints).toMatch(/answered 412: the node is starting: .* \(DOWNSTREAM_PRECONDITION_FAILED\)$/);
  });

  it('drain with a deadline, and undrain', async () => {
    const drained = await run('endpoints', 'drain', 'shop/a', '--deadline', '10m');
    expect(drained).toMatchObject({ exitCode: 0, complaints: '' });
    expect(drained.printed).toMatch(/^shop\/a drains, deadline \S+Z: 0 sessions left, 0 requests under way$/);
    expect(await run('endpoints', 'undrain', 'shop/a')).toMatchObject({ printed: 'shop/a is serving' });
  });

  it('list, get, move and unpin sessions', async () => {
    const key = await world.pin(1, 'a');
    await world.pin(2, 'a');
    expect((await run('sessions', 'list', '--limit', '1')).printed).toMatch(/\nmore with --cursor \S+$/);
    expect((await run('sessions', 'move', key, 'shop/b')).printed).toMatch(new RegExp(`${key} +shop/b +2 `));
    expect((await run('sessions', 'get', key)).printed).toContain('shop/b');
    expect(await run('sessions', 'unpin', key)).toMatchObject({ printed: `forgotten: ${key} was at shop/b` });
  });

  it('explain a request by its head', async () => {
    const { printed } = await run(
      'explain',
      '/',
      '-H',
      'X-User: somebody',
      '-X',
      'POST',
      '--host',
      'shop.test',
    );
    expect(printed).toMatch(/^listener web, route \/, pool shop\nSOURCE +SESSION .*\nheader +\S{22} +no /);
    expect(printed).toMatch(/\npin: by the balance policy\n/);
  });

  it('rebalance a pool, tell what that would do and how far it is, and stop it', async () => {
    const expiresAtMs = world.clock.now() + 300_000;
    for (let number = 0; number < 30; number++) await world.pin(number, 'a', { expiresAtMs });
    const dry = await run('rebalance', 'shop', '--dry-run', '--tolerance', '0%');
    expect(dry).toMatchObject({ exitCode: 0, complaints: '' });
    expect(dry.printed).toMatch(
      /^shop: planned, 0 moved, 20 to move\n\nFROM +TO +SESSIONS\nshop\/a +shop\/b +10\n/,
    );
    const begun = await run('rebalance', 'shop', '--rate', '1/s', '--idle-for', '1m');
    expect(begun.printed).toMatch(/^shop: running, 0 moved, /);
    expect(await run('rebalance', 'shop')).toMatchObject({ exitCode: 1 });
    expect((await run('rebalance', 'shop', '--status')).printed).toMatch(/^shop: running, /);
    expect((await run('rebalance', 'shop', '--stop')).printed).toMatch(/^shop: stopped, /);
  });

  it('add an endpoint at each of several nodes, and remove it, as far as they let them', async () => {
    const added = await run('endpoints', 'add', 'shop', 'http://10.0.0.9:80', '--id', 'd', '--url', url);
    expect(added).toMatchObject({ exitCode: 1, printed: '' });
    expect(added.complaints.match(/admin\.endpointNetworks/g)).toHaveLength(2);
    const removed = await run('endpoints', 'remove', 'shop/a', '--force');
    expect(removed.complaints).toContain('was not added by an operator');
  });

  it('say what the node says, and end with 1, where it refuses', async () => {
    const unknown = await run('sessions', 'get', keyOf(7));
    expect(unknown).toMatchObject({ exitCode: 1, printed: '' });
    expect(unknown.complaints).toMatch(/answered 404: no session "k+7".*\(DOWNSTREAM_NOT_FOUND\)$/);
    expect(await run('endpoints', 'drain', 'shop/a', '--deadline', 'soon')).toMatchObject({ exitCode: 1 });
  });

  it('say that nobody answers, and end with 1, where there is no node', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const { exitCode, complaints } = await run('endpoints', 'list');
    expect([exitCode, complaints]).toEqual([1, expect.stringMatching(/did not answer: .*ECONNREFUSED/)]);
  });

  it.each([
    ['an endpoint without its pool', ['endpoints', 'drain', 'a']],
    ['a wait that is no duration', ['endpoints', 'drain', 'shop/a', '--wait', 'long']],
    ['a header without a colon', ['explain', '/', '-H', 'X-User']],
    ['no session', ['sessions', 'get']],
    ['no pool', ['rebalance']],
    ['an endpoint to remove without its pool', ['endpoints', 'remove', 'a']],
    ['no such command', ['sessions', 'lose']],
  ])('end with 2 by %s, and ask nothing', async (_, args) => {
    expect((await run(...args)).exitCode).toBe(2);
    expect(await world.store.drains.list()).toEqual([]);
  });
});
