import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { SessionBrowser } from '../testing/session-browser.ts';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';

const MINUTE_MS = 60_000;

const forget = ({ pool }: SessionNode, id: string | undefined): void => {
  pool.setEndpoints(pool.endpoints.filter((endpoint) => endpoint.id !== id));
};

describe('a session whose cookie names an endpoint that a node does not know', () => {
  it('keeps that cookie where the store knows only an older place: the later one still counts', async () => {
    const { nodes } = sessionCluster();
    const [behind, ahead] = nodes;
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(ahead)) as string;
    ahead.store.isDown = true;
    ahead.takeDown(home);
    const moved = placeOf(await browser.visit(ahead));
    ahead.store.isDown = false;
    forget(behind, moved);
    const { cookie } = browser;
    expect(placeOf(await browser.visit(behind))).toBe(home);
    expect(browser.cookie).toBe(cookie);
    expect(await browser.visit(ahead)).toMatchObject({
      endpoint: { id: moved },
      session: { pin: { version: 2 } },
    });
  });

  it('stays where it has been served meanwhile, when its pin has ended', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { type: 'cookie', idleTimeout: '20m' } });
    for (let visitor = 0; visitor < 6; visitor++) {
      const browser = new SessionBrowser();
      const home = placeOf(await browser.visit(nodes[0]));
      for (const node of nodes) forget(node, home);
      const meanwhile = placeOf(await browser.visit(nodes[1]));
      await clock.advance(21 * MINUTE_MS);
      expect(placeOf(await browser.visit(nodes[2]))).toBe(meanwhile);
      for (const node of nodes) node.pool.setEndpoints(['a', 'b', 'c'].map((id) => testEndpoint(id)));
    }
  });
});

describe('parallel requests of a session whose pin has ended with its endpoint', () => {
  it('begin it once', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { type: 'cookie', idleTimeout: '20m' } });
    const [node] = nodes;
    const browser = new SessionBrowser();
    forget(node, placeOf(await browser.visit(node)));
    await clock.advance(21 * MINUTE_MS);
    const outcomes = await Promise.all([1, 2, 3].map(() => browser.visit(node)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['adopted', 'adopted', 'created']);
  });
});

describe('parallel requests of a session that loses its endpoint while the store is away', () => {
  it('are all served elsewhere for the time being: none says that the session was moved', async () => {
    const { nodes } = sessionCluster();
    const [node] = nodes;
    const browser = new SessionBrowser();
    node.takeDown(placeOf(await browser.visit(node)) as string);
    node.store.isDown = true;
    const outcomes = await Promise.all([1, 2, 3].map(() => browser.visit(node)));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['fallback', 'fallback', 'fallback']);
  });
});
