import { ManualClock } from '@holdfast/shared/testing';
import { expect, it } from 'vitest';
import { createAdminApp, type Operations } from '../admin/admin-app.ts';
import { type Answer, refused, told } from '../admin/answer.ts';
import type { Question } from '../admin/question.ts';
import { REGIONS } from './regions.ts';
import { Sampler } from './sample.ts';
import { ConsoleVisitor } from './testing/console-visitor.ts';

const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&`;
const KEY = 'k'.repeat(22);
const AT = '2026-01-01T00:00:00.000Z';

/** Everything that comes from elsewhere, as bad as it can be: names of others, what a registry says, what a client sends. */
const report = {
  cluster: HOSTILE,
  node: HOSTILE,
  phase: HOSTILE,
  configuration: {
    ...{ hash: HOSTILE, fingerprint: HOSTILE, loadedAt: AT },
    lastReload: { outcome: HOSTILE, at: AT, problems: [HOSTILE] },
  },
  store: { kind: HOSTILE, state: HOSTILE, mode: HOSTILE, invalidationsLive: true },
  warnings: [HOSTILE],
  members: [
    {
      ...{ node: HOSTILE, state: HOSTILE, phase: HOSTILE, release: HOSTILE, startedAt: AT },
      ...{ fingerprint: HOSTILE, silentMs: 1, holdsDown: [HOSTILE] },
    },
  ],
  listeners: [{ name: HOSTILE, openConnections: 1 }],
  workers: [{ worker: 1, phase: HOSTILE, startedAt: AT }],
  pools: [
    {
      name: HOSTILE,
      endpoints: [
        {
          ...{
            id: HOSTILE,
            url: HOSTILE,
            from: 'operator',
            weight: 1,
            standing: 'serving',
            inFlight: 0,
            waiting: 0,
          },
          ...{ healthCheck: 'failing', outlier: 'ejected', heldDownBy: [HOSTILE] },
        },
      ],
    },
  ],
};

const pin = { endpoint: HOSTILE, version: 1, pinnedAt: AT, expiresAt: AT, endsAt: AT };
const explained = { decision: 'keep', endpoint: HOSTILE, why: HOSTILE };

function answerTo({ kind }: Question): Answer {
  switch (kind) {
    case 'occupancy':
      return told({
        drains: [{ endpoint: HOSTILE, sinceMs: 0, deadlineMs: 9e12 }],
        pinned: { [HOSTILE]: 3 },
      });
    case 'list-drains':
      return told({ drains: [{ endpoint: HOSTILE, sinceMs: 0, deadlineMs: 9e12 }] });
    case 'list-sessions':
      return told({ sessions: [{ key: HOSTILE, ...pin, root: HOSTILE }], next: HOSTILE });
    case 'get-session':
      return told({ key: HOSTILE, ...pin, root: HOSTILE });
    case 'explain-session':
      return told({ key: KEY, pool: HOSTILE, pinnedTo: HOSTILE, standing: HOSTILE, ...explained });
    case 'explain': {
      const key = { source: HOSTILE, key: HOSTILE, known: 'store', endpoint: HOSTILE, standing: HOSTILE };
      return told({ listener: HOSTILE, route: HOSTILE, pool: HOSTILE, keys: [key], ...explained });
    }
    default:
      return refused('DOWNSTREAM_NOT_FOUND', HOSTILE);
  }
}

const clock = new ManualClock();
const operations: Operations = {
  token: () => '',
  status: { readiness: () => ({ ready: true, reasons: [] }), report: () => report },
  reload: async () => ({
    ...{ outcome: 'refused', cause: 'configuration', problems: [HOSTILE], trigger: 'admin', atMs: 0 },
  }),
  leave: () => undefined,
  ask: async (question) => answerTo(question),
  clock,
};
const visitor = new ConsoleVisitor(createAdminApp(operations));

/** Whether a text is there, and no markup of it. */
function expectHarmless(text: string): void {
  expect(text).toContain('&lt;script&gt;alert(1)');
  expect(text).not.toMatch(/<script>|<img|["']>&?<(?:script|img)/);
  const tags = text.replaceAll(/="[^"]*"/g, '').match(/<[a-z][^>]*>/gi) ?? [];
  expect(tags.length).toBeGreaterThan(0);
  expect(
    tags.filter((tag) => tag.includes('onerror')),
    'an attribute ends where it should',
  ).toEqual([]);
}

it.each([
  '/console/',
  '/console/endpoints',
  '/console/sessions',
  `/console/sessions?endpoint=${encodeURIComponent(HOSTILE)}`,
  `/console/sessions/${KEY}`,
  '/console/nodes',
])('what others say is text on %s, and nothing else', async (path) => {
  const { status, text } = await visitor.get(path);
  expect(status).toBe(200);
  expectHarmless(text);
});

it.each([
  ['/console/explain', { cookie: HOSTILE, target: '/', host: HOSTILE }],
  ['/console/endpoints/drain', { endpoint: HOSTILE, deadline: '1m' }],
  ['/console/endpoints/add', { pool: HOSTILE, url: 'http://10.0.0.1' }],
  [`/console/sessions/${KEY}/move`, { to: HOSTILE }],
  ['/console/nodes/reload', {}],
])('what comes of a form at %s is text as well', async (path, fields) => {
  expectHarmless((await visitor.post(path, fields)).text);
});

it.each(Object.keys(REGIONS))('what the feed says of %s is text as well', async (topic) => {
  const region = REGIONS[topic];
  expectHarmless(String(await region?.(await new Sampler(operations).take())));
});
