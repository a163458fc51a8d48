import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, told } from '../../admin/answer.ts';
import { readReport } from '../node-report.ts';
import type { Sampler } from '../sample.ts';
import { EventsSource } from './events-source.ts';
import type { FeedMessage } from './feed-source.ts';

const AT = '2026-11-21T20:00:00.000Z';

let asked: unknown[];
let answers: Answer[];
let lastReload: object | undefined;
let source: EventsSource;

beforeEach(() => {
  asked = [];
  answers = [];
  lastReload = undefined;
  const ask = async (question: unknown): Promise<Answer> => {
    asked.push(question);
    return answers.shift() ?? told({ cursor: `life.${asked.length}`, events: [] });
  };
  const take = async () => ({
    report: readReport({ configuration: { loadedAt: AT, lastReload } }),
    ...{ atMs: 0, endpoints: [], isCounted: true },
  });
  source = new EventsSource(ask, { take } as unknown as Sampler);
});

async function look(): Promise<readonly string[]> {
  const news: FeedMessage[] = [];
  await source.look((message) => news.push(message));
  return news.flatMap(({ data }) => (data as { lines: { text: string }[] }).lines.map(({ text }) => text));
}

describe('the events of the console', () => {
  it('go on where they have left off, also for a page that is opened much later', async () => {
    await look();
    answers = [told({ cursor: 'life.9', events: [{ type: 'node-left', at: AT, node: 'node-2' }] })];
    expect(await look()).toEqual(['Node node-2 has left']);
    await look();
    expect(asked).toEqual([
      { kind: 'events', after: undefined },
      { kind: 'events', after: 'life.1' },
      { kind: 'events', after: 'life.9' },
    ]);
    expect(source.all()).toMatchObject([{ data: { all: true, lines: [{ text: 'Node node-2 has left' }] } }]);
  });

  it('tell once of each reload that comes after somebody has begun to watch', async () => {
    lastReload = { outcome: 'applied', at: AT };
    expect(await look()).toEqual([]);
    lastReload = {
      outcome: 'refused',
      at: '2026-11-21T20:00:01.000Z',
      problems: ['pools.0: expected a name'],
    };
    expect(await look()).toEqual([
      'The configuration of this node was not reloaded: pools.0: expected a name',
    ]);
    expect(await look()).toEqual([]);
    lastReload = { outcome: 'applied', at: '2026-11-21T20:00:02.000Z' };
    expect(await look()).toEqual(['The configuration of this node was reloaded']);
  });

  it('tell of the first reload of a node', async () => {
    await look();
    lastReload = { outcome: 'applied', at: AT };
    expect(await look()).toHaveLength(1);
  });

  it('are the latest hundred for a page that has just been opened', async () => {
    const events = Array.from({ length: 150 }, (_, number) => ({
      type: 'node-left',
      at: AT,
      node: String(number),
    }));
    answers = [told({ cursor: 'life.150', events })];
    await look();
    const [{ data } = { data: undefined }] = source.all();
    expect((data as { lines: unknown[] }).lines).toHaveLength(100);
  });
});
