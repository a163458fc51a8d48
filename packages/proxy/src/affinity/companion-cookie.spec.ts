import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';
import type { Resolution } from './affinity.ts';

const MINUTE_MS = 60_000;
const AFFINITY = {
  type: 'app-cookie',
  name: 'SID',
  companion: { name: 'BESIDE', twin: 'TWIN' },
  idleTimeout: '20m',
};
const settingTo = (value: string): readonly string[] => ['Set-Cookie', `SID=${value}; Path=/`];

/** A browser: keeps the cookies of the application and of ours, unless it is told to lose some. */
class Browser {
  readonly jar = new Map<string, string>();

  async visit(node: SessionNode, response: readonly string[] = []): Promise<Resolution> {
    const cookies = [...this.jar].map(([name, value]) => `${name}=${value}`);
    const fields = cookies.length === 0 ? [] : ['Cookie', cookies.join('; ')];
    const resolution = await node.visit({ fields, response });
    const lines = [
      ...response.filter((field) => field !== 'Set-Cookie'),
      ...node.setCookies(resolution, response),
    ];
    for (const line of lines) this.#keep(line);
    return resolution;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; ?/);
    const [name = '', value = ''] = pair.split('=');
    if (attributes.includes('Max-Age=0')) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}

/** A browser whose session has begun at a node. */
async function guest(
  node: SessionNode,
  value = 'one',
): Promise<{ browser: Browser; home: string | undefined }> {
  const browser = new Browser();
  const home = placeOf(await browser.visit(node, settingTo(value)));
  return { browser, home };
}

describe('a companion', () => {
  it('comes with the cookie of the application and with nothing else', async () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser } = await guest(nodes[0]);
    expect([...browser.jar.keys()]).toEqual(['SID', 'BESIDE', 'TWIN']);
    const before = new Map(browser.jar);
    for (const node of [...nodes, ...nodes])
      expect(await browser.visit(node)).toMatchObject({ outcome: 'hit', source: 'app-cookie' });
    expect(browser.jar).toEqual(before);
  });

  it('never reaches an endpoint, alone or beside other cookies', () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    const head = (cookie: string) => nodes[0].claimOf(['Cookie', cookie]).cookieLines;
    expect(head('a=1; BESIDE=x; SID=one; TWIN=y')).toBe('Cookie: a=1; SID=one\r\n');
    expect(head('BESIDE=x; TWIN=y')).toBe('');
    expect(head('SID=one')).toBeUndefined();
  });

  it('gives a session map that has lost everything its sessions back, by any of its names', async () => {
    for (const lost of ['TWIN', 'BESIDE']) {
      const { map, nodes } = sessionCluster({ affinity: AFFINITY });
      const { browser, home } = await guest(nodes[0]);
      browser.jar.delete(lost);
      for (const [key] of [...map.entries()]) map.delete(key);
      expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'adopted', endpoint: { id: home } });
      expect(await browser.visit(nodes[2])).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
    }
  });

  it('says where its session is while the store is unavailable, also of one that has begun since', async () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    const before = await guest(nodes[0], 'before');
    for (const node of nodes) node.store.isDown = true;
    const since = await guest(nodes[0], 'since');
    for (const { browser, home } of [before, since])
      for (const node of nodes.slice(1))
        expect(await browser.visit(node)).toMatchObject({ tier: 'cookie', endpoint: { id: home } });
  });

  it('says nothing beside another value, or alone', async () => {
    const { map, nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser } = await guest(nodes[0]);
    for (const [key] of [...map.entries()]) map.delete(key);
    browser.jar.set('SID', 'another');
    expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'none' });
    browser.jar.delete('SID');
    expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'none' });
    expect(map.size).toBe(0);
  });

  it('says nothing if anything in it was changed', async () => {
    const { map, nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser } = await guest(nodes[0]);
    for (const [key] of [...map.entries()]) map.delete(key);
    const genuine = browser.jar.get('BESIDE') as string;
    browser.jar.delete('TWIN');
    for (const at of [0, 1, 40, genuine.length - 1]) {
      const changed = genuine[at] === 'A' ? 'B' : 'A';
      browser.jar.set('BESIDE', genuine.slice(0, at) + changed + genuine.slice(at + 1));
      expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'none' });
    }
  });

  it('does not lead back to an endpoint that its session has left', async () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser, home } = await guest(nodes[0]);
    for (const node of nodes) node.takeDown(home as string);
    const moved = placeOf(await browser.visit(nodes[0]));
    for (const node of nodes) node.bringBack(home as string);
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(moved);
    expect(moved).not.toBe(home);
  });

  it('is set anew with each value of the application, by which the session goes on where it is', async () => {
    const { map, nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser, home } = await guest(nodes[0]);
    const first = browser.jar.get('BESIDE');
    await browser.visit(nodes[1], settingTo('two'));
    expect(browser.jar.get('BESIDE')).not.toBe(first);
    for (const [key] of [...map.entries()]) map.delete(key);
    expect(placeOf(await browser.visit(nodes[2]))).toBe(home);
  });

  it('goes when the application deletes its cookie', async () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser } = await guest(nodes[0]);
    await browser.visit(nodes[1], ['Set-Cookie', 'SID=; Max-Age=0']);
    expect([...browser.jar]).toEqual([]);
    expect(await browser.visit(nodes[2])).toMatchObject({ outcome: 'none' });
  });

  it('vouches no longer than its session may have been idle', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser, home } = await guest(nodes[0]);
    await clock.advance(19 * MINUTE_MS);
    for (const [key] of [...map.entries()]) map.delete(key);
    expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'adopted', endpoint: { id: home } });
    for (const [key] of [...map.entries()]) map.delete(key);
    await clock.advance(MINUTE_MS);
    expect(await browser.visit(nodes[2])).toMatchObject({ outcome: 'none' });
  });

  it('names no session beyond its absolute end, however new it is', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: { ...AFFINITY, absoluteTimeout: '30m' } });
    const { browser } = await guest(nodes[0]);
    await clock.advance(15 * MINUTE_MS);
    await browser.visit(nodes[0], settingTo('two'));
    for (const [key] of [...map.entries()]) map.delete(key);
    await clock.advance(15 * MINUTE_MS);
    expect(await browser.visit(nodes[1])).toMatchObject({ outcome: 'none' });
  });

  it('says where its session is, though another endpoint has answered for once', async () => {
    const { map, nodes } = sessionCluster({ affinity: AFFINITY });
    const { browser, home } = await guest(nodes[0]);
    const resolution = await browser.visit(nodes[0]);
    const another = nodes[0].pool.endpoints.find(({ id }) => id !== home);
    const [line = ''] = nodes[0].setCookies({ ...resolution, endpoint: another }, settingTo('one'));
    browser.jar.set('BESIDE', line.replace(/^BESIDE=|;.*$/g, ''));
    for (const [key] of [...map.entries()]) map.delete(key);
    expect(placeOf(await browser.visit(nodes[1]))).toBe(home);
  });

  it('does not speak for an endpoint that keeps no sessions', async () => {
    const { nodes } = sessionCluster({ affinity: AFFINITY });
    for (const endpoint of nodes[0].pool.endpoints) endpoint.isSticky = false;
    const { browser } = await guest(nodes[0]);
    expect([...browser.jar.keys()]).toEqual(['SID']);
  });

  it('outlives the rotation of secrets', async () => {
    const { nodes, open } = sessionCluster({ affinity: AFFINITY, secrets: ['the old secret'] });
    const { browser, home } = await guest(nodes[0]);
    const between = open({ secrets: ['the new secret', 'the old secret'] });
    expect(placeOf(await browser.visit(between))).toBe(home);
    const after = open({ secrets: ['the new secret'] });
    expect(await browser.visit(after)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('is looked for beside a few values only: one head must not have thousands of pairs opened', () => {
    const [node] = sessionCluster({ affinity: AFFINITY }).nodes;
    const pairs = Array.from({ length: 50 }, (_, index) => `SID=${index}; BESIDE=${'x'.repeat(87)}`);
    const { findings } = node.claimOf(['Cookie', pairs.join('; ')]);
    expect(findings.map(({ tokens }) => tokens.length)).toEqual([64, 8]);
  });
});
