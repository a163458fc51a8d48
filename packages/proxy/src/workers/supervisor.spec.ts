import { ManualClock, seededRandom, settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { LogBook } from '../testing/log-book.ts';
import type { EndpointNews, ReloadVerdict } from './messages.ts';
import { Supervisor } from './supervisor.ts';
import { type FakeWorker, FakeWorkers } from './testing/fake-workers.ts';

const NOTHING = { added: [], removed: [], changed: [] };
const CHANGES = { listeners: NOTHING, pools: NOTHING, endpoints: NOTHING, settings: ['secrets'] };
const AGREED: ReloadVerdict = { kind: 'prepared', changes: CHANGES };
const REFUSED: ReloadVerdict = { kind: 'refused', cause: 'system', problems: ['a file cannot be read'] };

const DOWN: EndpointNews = {
  pool: 'shop',
  endpoint: 'shop/a',
  origin: 'http://10.0.0.1',
  verdict: { check: { kind: 'failing', passes: 0 }, outlier: { kind: 'on-trial' } },
};

let clock: ManualClock;
let log: LogBook;
let workers: FakeWorkers;
let supervisor: Supervisor;

beforeEach(() => {
  clock = new ManualClock();
  log = new LogBook();
  workers = new FakeWorkers();
});

/** A supervisor of so many workers, all of which serve. */
async function serving(size: number): Promise<readonly FakeWorker[]> {
  begin(size);
  for (const worker of [...workers.all]) {
    worker.hello();
    await settle();
    worker.serve();
    await settle();
  }
  return workers.all;
}

function begin(size: number): void {
  const { launch } = workers;
  const names = { node: 'node-1', file: 'holdfast.yaml', text: 'first' };
  supervisor = new Supervisor({ size, launch, ...names, clock, random: seededRandom(1), log });
  supervisor.crew.begin();
}

const startOf = (worker: FakeWorker) => worker.heard.find(({ kind }) => kind === 'start');

describe('a supervisor', () => {
  it('gives each worker the configuration and the name of the node, one worker after the other', async () => {
    begin(2);
    for (const worker of workers.all) worker.hello();
    await settle();
    expect(workers.all.map(({ kinds }) => kinds)).toEqual([['start'], []]);
    expect(startOf(workers.get(1))).toMatchObject({ text: 'first', node: 'node-1', news: [] });
    workers.get(1).serve();
    await settle();
    expect(workers.get(2).kinds).toEqual(['start']);
  });

  it('goes on to the next worker when the one that starts is gone', async () => {
    const [, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    workers.get(1).end();
    second.end();
    workers.get(3).hello();
    await settle();
    workers.get(4).hello();
    workers.get(4).end();
    workers.get(3).end();
    workers.get(5)?.hello();
    await clock.advance(1_000);
    workers.all.at(-1)?.hello();
    await settle();
    expect(startOf(workers.all.at(-1)!)).toBeDefined();
  });

  it('has one worker probe, and another one as soon as that is gone', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    expect(first.heard).toContainEqual({ kind: 'probing', isProber: true });
    expect(second.kinds).not.toContain('probing');
    first.end();
    expect(second.heard.at(-1)).toEqual({ kind: 'probing', isProber: true });
  });

  it('passes on what one worker has found out to all others, and to those that start later', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    second.say({ kind: 'news', news: DOWN });
    expect(first.heard.at(-1)).toEqual({ kind: 'news', news: DOWN });
    expect(second.kinds).not.toContain('news');
    first.end();
    workers.get(3).hello();
    await settle();
    expect(startOf(workers.get(3))).toMatchObject({ news: [DOWN] });
  });

  it('forgets an endpoint that is no more', async () => {
    const [first] = await serving(1);
    first?.say({ kind: 'news', news: DOWN });
    const { verdict: _, ...gone } = DOWN;
    first?.say({ kind: 'news', news: gone });
    first?.end();
    workers.get(2).hello();
    await settle();
    expect(startOf(workers.get(2))).toMatchObject({ news: [] });
  });

  it('ends a worker of another protocol, and says what is needed', async () => {
    await serving(1);
    supervisor.crew.upgrade();
    workers.get(2).hello(2);
    expect(workers.get(2).isKilled).toBe(true);
    workers.get(2).end();
    expect(log.entries.map(({ message }) => message)).toContain(
      'upgrade: the new worker did not start, the others stay',
    );
    expect(supervisor.crew.serving.map(({ number }) => number)).toEqual([1]);
  });

  it('ends a worker that has not said hello within half a minute', async () => {
    begin(1);
    await clock.advance(29_999);
    expect(workers.get(1).isKilled).toBe(false);
    await clock.advance(1);
    expect(workers.get(1).isKilled).toBe(true);
  });

  it('does not count the time for which a worker waits for its turn', async () => {
    begin(2);
    for (const worker of workers.all) worker.hello();
    await settle();
    await clock.advance(20_000);
    workers.get(1).serve();
    await settle();
    expect(workers.get(2).kinds).toEqual(['start']);
    await clock.advance(29_999);
    expect(workers.get(2).isKilled).toBe(false);
    await clock.advance(1);
    expect(workers.get(2).isKilled).toBe(true);
  });

  it('ends a worker that has not come to serve within half a minute', async () => {
    begin(1);
    workers.get(1).hello();
    await settle();
    await clock.advance(29_999);
    expect(workers.get(1).isKilled).toBe(false);
    await clock.advance(1);
    expect(workers.get(1).isKilled).toBe(true);
  });

  it('ends a worker that takes longer to leave than it had said', async () => {
    const [worker] = await serving(1);
    supervisor.crew.stop();
    expect(worker?.heard.at(-1)).toEqual({ kind: 'shut-down' });
    await clock.advance(6_999);
    expect(worker?.isKilled).toBe(false);
    await clock.advance(1);
    expect(worker?.isKilled).toBe(true);
    worker?.end();
    expect(await supervisor.crew.ended).toBe(true);
  });

  it('has every worker leave, also one that comes to serve later, and ends none', async () => {
    const [first] = (await serving(1)) as [FakeWorker];
    supervisor.leave();
    expect(first.heard.at(-1)).toEqual({ kind: 'leave' });
    first.end();
    const next = workers.get(2);
    next.hello();
    await settle();
    next.serve();
    await settle();
    expect(next.kinds).toContain('leave');
    expect(supervisor.crew.serving).toHaveLength(1);
  });

  it('collects what workers say of themselves, and waits for none for ever', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const reports = supervisor.reports();
    expect(first.heard.at(-1)).toEqual({ kind: 'report', id: 1 });
    second.say({ kind: 'report', id: 1, report: { pid: 7 } });
    await clock.advance(2_000);
    expect((await reports).map(({ member, report }) => [member.number, report])).toEqual([[2, { pid: 7 }]]);
  });
});

describe('a question of an operator', () => {
  const QUESTION = { kind: 'occupancy' };
  const lastId = ({ heard }: FakeWorker): number => {
    const last = heard.at(-1);
    return last?.kind === 'ask' ? last.id : -1;
  };

  it('is passed on as it is to a worker that serves, and so is the answer', async () => {
    const [first] = (await serving(2)) as [FakeWorker, FakeWorker];
    const asking = supervisor.ask(QUESTION);
    expect(first.heard.at(-1)).toMatchObject({ kind: 'ask', question: QUESTION });
    const answer = { kind: 'told', value: { drains: [] } };
    first.say({ kind: 'answer', id: lastId(first), answer });
    expect(await asking).toEqual(answer);
  });

  it.each([undefined, 'told', { kind: 'refused' }, { kind: 'other' }])(
    'is refused for now where %j is answered',
    async (answer) => {
      const [only] = (await serving(1)) as [FakeWorker];
      const asking = supervisor.ask(QUESTION);
      only.say({ kind: 'answer', id: lastId(only), answer });
      expect(await asking).toMatchObject({ kind: 'refused', code: 'STORE_UNAVAILABLE' });
    },
  );

  it('is put to all workers that serve where each knows of its own alone; a refusal is no answer', async () => {
    const crew = await serving(3);
    const asking = supervisor.askAll(QUESTION);
    const refusal = { kind: 'refused', code: 'DOWNSTREAM_BAD_REQUEST', message: 'of another release' };
    for (const [index, worker] of crew.entries()) {
      const answer = index === 1 ? refusal : { kind: 'told', value: worker.kinds.length };
      worker.say({ kind: 'answer', id: lastId(worker), answer });
    }
    expect(await asking).toHaveLength(2);
  });

  it('does not wait for long for one of them that hangs', async () => {
    const [first] = (await serving(2)) as [FakeWorker, FakeWorker];
    const asking = supervisor.askAll(QUESTION);
    first.say({ kind: 'answer', id: lastId(first), answer: { kind: 'told', value: 7 } });
    await clock.advance(2_000);
    expect(await asking).toEqual([7]);
  });

  it('is refused for now where no worker serves', async () => {
    begin(1);
    expect(await supervisor.ask(QUESTION)).toMatchObject({ kind: 'refused', code: 'STORE_UNAVAILABLE' });
  });
});

describe('an endpoint that an operator adds', () => {
  const ADDITION = {
    kind: 'add-endpoint',
    pool: 'shop',
    id: 'd',
    endpoint: { url: 'http://10.0.0.9' },
  } as const;
  const REMOVAL = { kind: 'remove-endpoint', pool: 'shop', id: 'd' } as const;
  const TOLD = { kind: 'told', value: { id: 'shop/d' } };
  const answerWith = async (answer: unknown, ...asked: readonly FakeWorker[]): Promise<void> => {
    await settle();
    for (const worker of asked) {
      const last = worker.heard.at(-1);
      if (last?.kind === 'ask') worker.say({ kind: 'answer', id: last.id, answer });
    }
    await settle();
  };
  /** What a worker is told that takes the place of another one. */
  const additionsOfNext = async (dead: FakeWorker): Promise<unknown> => {
    dead.end();
    await clock.advance(1_000);
    const next = workers.all.at(-1) as FakeWorker;
    next.hello();
    await settle();
    const start = startOf(next);
    return start?.kind === 'start' ? start.additions : undefined;
  };

  it('is one of all workers, and of those that start later, until it is removed', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const adding = supervisor.change(ADDITION);
    await answerWith(TOLD, first, second);
    expect(await adding).toEqual(TOLD);
    expect(second.heard.at(-1)).toMatchObject({ kind: 'ask', question: ADDITION });
    expect(await additionsOfNext(first)).toEqual([ADDITION]);
    const third = workers.all.at(-1) as FakeWorker;
    third.serve();
    await settle();
    const removing = supervisor.change(REMOVAL);
    await answerWith(TOLD, second, third);
    expect(await removing).toEqual(TOLD);
    expect(await additionsOfNext(second)).toEqual([]);
  });

  it.each([
    ['one of them refuses it', { kind: 'refused', code: 'DOWNSTREAM_FORBIDDEN', message: 'not there' }],
    ['one of them does not answer as it should', 'nonsense'],
  ])('is none of later workers where %s, and the answer says so', async (_, answer) => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const adding = supervisor.change(ADDITION);
    await answerWith(TOLD, first);
    await answerWith(answer, second);
    expect(await adding).toMatchObject({ kind: 'refused' });
    expect(await additionsOfNext(first)).toEqual([]);
  });
});

describe('a reload of all workers', () => {
  it('is committed by all when all have prepared it, and is what later workers start with', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const preparing = supervisor.prepare('second');
    await settle();
    first.say({ kind: 'prepared', verdict: AGREED });
    await settle();
    expect(second.heard.at(-1)).toEqual({ kind: 'prepare', text: 'second', round: 1 });
    second.say({ kind: 'prepared', verdict: AGREED });
    const prepared = await preparing;
    expect(prepared).toMatchObject(AGREED);
    expect(first.kinds).not.toContain('commit');

    let isDone = false;
    if (prepared.kind === 'prepared')
      void Promise.resolve(prepared.commit()).then(() => {
        isDone = true;
      });
    expect([first, second].map(({ kinds }) => kinds.at(-1))).toEqual(['commit', 'commit']);
    first.serve();
    await settle();
    expect(isDone).toBe(false);
    second.serve();
    await settle();
    expect(isDone).toBe(true);
    first.end();
    workers.get(3).hello();
    await settle();
    expect(startOf(workers.get(3))).toMatchObject({ text: 'second' });
  });

  it('is taken on by nobody when one of them refuses', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const preparing = supervisor.prepare('second');
    await settle();
    first.say({ kind: 'prepared', verdict: AGREED });
    second.say({ kind: 'prepared', verdict: REFUSED });
    expect(await preparing).toEqual(REFUSED);
    expect([first, second].map(({ kinds }) => kinds.at(-1))).toEqual(['discard', 'discard']);
    first.end();
    workers.get(3).hello();
    await settle();
    expect(startOf(workers.get(3))).toMatchObject({ text: 'first' });
  });

  it('is refused when a worker does not answer, and goes on without one that is gone', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const silent = supervisor.prepare('second');
    await settle();
    first.say({ kind: 'prepared', verdict: AGREED });
    await clock.advance(15_000);
    expect(await silent).toMatchObject({ kind: 'refused', problems: ['a worker does not answer'] });

    const lonely = supervisor.prepare('third');
    await settle();
    first.say({ kind: 'prepared', verdict: AGREED });
    second.end();
    expect(await lonely).toMatchObject({ kind: 'prepared' });
  });

  it('is not agreed to by what a worker says too late of the one before', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const silent = supervisor.prepare('second');
    await settle();
    await clock.advance(15_000);
    expect(await silent).toMatchObject({ kind: 'refused' });

    const next = supervisor.prepare('third');
    await settle();
    first.say({ kind: 'prepared', verdict: AGREED, round: 2 });
    second.say({ kind: 'prepared', verdict: AGREED, round: 1 });
    second.say({ kind: 'prepared', verdict: REFUSED, round: 2 });
    expect(await next).toEqual(REFUSED);
  });

  it('keeps a worker from starting until it is over, so that none misses it', async () => {
    const [first, second] = (await serving(2)) as [FakeWorker, FakeWorker];
    const preparing = supervisor.prepare('second');
    await settle();
    second.end();
    workers.get(3).hello();
    first.say({ kind: 'prepared', verdict: AGREED });
    const prepared = await preparing;
    await settle();
    expect(startOf(workers.get(3))).toBeUndefined();
    if (prepared.kind === 'prepared') void prepared.commit();
    first.serve();
    await settle();
    expect(startOf(workers.get(3))).toMatchObject({ text: 'second' });
  });
});
