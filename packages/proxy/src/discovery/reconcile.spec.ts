import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnownEndpoint, nextRemovalMs, reconcile } from './reconcile.ts';
import type { RegistryAnswer } from './registry.ts';
import { at, naming } from './testing/named.ts';

const RULES = { removeAfterMs: 300 };
const FAILED: RegistryAnswer = { kind: 'failed', reason: 'SERVFAIL' };

/** An answer at a time; a list of numbers names 10.0.0.x. */
type Told = readonly [atMs: number, answer: RegistryAnswer | readonly number[]];

/** What is known after those answers. */
const after = (...answers: readonly Told[]) =>
  answers.reduce<readonly KnownEndpoint[]>(
    (known, [atMs, answer]) => reconcile(known, 'kind' in answer ? answer : naming(...answer), atMs, RULES),
    [],
  );

/** As `1 2 (3 since 100)`: who is missing stands in brackets. */
const described = (known: readonly KnownEndpoint[]): string =>
  known
    .map(({ endpoint, missingSinceMs }) => {
      const last = /10\.0\.0\.(\d+)/.exec(endpoint.url)?.[1];
      return missingSinceMs === undefined ? last : `(${last} since ${missingSinceMs})`;
    })
    .join(' ');

describe('what is known of endpoints', () => {
  it.each<[what: string, answers: readonly Told[], known: string]>([
    ['is what the first answer names', [[0, [1, 2]]], '1 2'],
    ['is nothing where no answer has come', [[0, FAILED]], ''],
    ['is in the order of ids, whatever order an answer has', [[0, [2, 3, 1]]], '1 2 3'],
    [
      'grows by who comes',
      [
        [0, [1]],
        [10, [1, 2]],
      ],
      '1 2',
    ],
    [
      'keeps who is missing',
      [
        [0, [1, 2]],
        [10, [1]],
      ],
      '1 (2 since 10)',
    ],
    [
      'counts from when somebody was missed first',
      [
        [0, [1, 2]],
        [10, [1]],
        [20, [1]],
      ],
      '1 (2 since 10)',
    ],
    [
      'keeps who is missing until the time is over',
      [
        [0, [1, 2]],
        [10, [1]],
        [309, [1]],
      ],
      '1 (2 since 10)',
    ],
    [
      'has nobody who has been missing for so long',
      [
        [0, [1, 2]],
        [10, [1]],
        [310, [1]],
      ],
      '1',
    ],
    [
      'has who comes back as if nothing had been',
      [
        [0, [1, 2]],
        [10, [1]],
        [20, [1, 2]],
      ],
      '1 2',
    ],
    [
      'counts anew who is missing again',
      [
        [0, [1, 2]],
        [10, [1]],
        [20, [1, 2]],
        [30, [1]],
      ],
      '1 (2 since 30)',
    ],
    [
      'stays through an answer that names nobody',
      [
        [0, [1, 2]],
        [10, []],
      ],
      '1 2',
    ],
    [
      'stays through a failure',
      [
        [0, [1, 2]],
        [10, FAILED],
      ],
      '1 2',
    ],
    [
      'loses nobody by time while answers fail',
      [
        [0, [1, 2]],
        [10, [1]],
        [400, FAILED],
      ],
      '1 (2 since 10)',
    ],
    [
      'can be all others',
      [
        [0, [1, 2]],
        [10, [3]],
      ],
      '(1 since 10) (2 since 10) 3',
    ],
  ])('%s', (_, answers, known) => {
    expect(described(after(...answers))).toBe(known);
  });

  it('is the same thing after an answer that changes nothing', () => {
    const known = after([0, [1, 2]]);
    expect(reconcile(known, FAILED, 10, RULES)).toBe(known);
    expect(reconcile(known, naming(), 10, RULES)).toBe(known);
    expect(reconcile(known, naming(2, 1), 10, RULES)).toEqual(known);
  });

  it('has nobody missing at an address that somebody else is at: its sessions are not the other one’s', () => {
    const answer = (id: string): RegistryAnswer => ({ kind: 'named', endpoints: [at(1, { id }), at(2)] });
    const known = reconcile(reconcile([], answer('pod-a'), 0, RULES), answer('pod-b'), 10, RULES);
    expect(known.map(({ endpoint }) => endpoint.id)).toEqual(['10.0.0.2:8080', 'pod-b']);
  });

  it('is what the latest answer says of somebody, at another address as well', () => {
    const answer = (last: number, weight: number): RegistryAnswer => ({
      kind: 'named',
      endpoints: [at(last, { id: 'a.internal:8080', weight })],
    });
    const known = reconcile(reconcile([], answer(1, 1), 0, RULES), answer(2, 5), 10, RULES);
    expect(known).toEqual([
      { endpoint: at(2, { id: 'a.internal:8080', weight: 5 }), missingSinceMs: undefined },
    ]);
  });

  it('has one of two with the same id, the same one in whatever order they are named', () => {
    const endpoints = [at(7, { id: 'twice' }), at(3, { id: 'twice' })];
    const known = (named: typeof endpoints) => reconcile([], { kind: 'named', endpoints: named }, 0, RULES);
    expect(described(known(endpoints))).toBe('3');
    expect(known(endpoints.toReversed())).toEqual(known(endpoints));
  });

  it('goes at once where nobody is kept', () => {
    const known = reconcile([], naming(1, 2), 0, { removeAfterMs: 0 });
    expect(described(reconcile(known, naming(1), 10, { removeAfterMs: 0 }))).toBe('1');
  });

  it('tells when the next one is to go', () => {
    expect(nextRemovalMs(after([0, [1, 2]]), RULES)).toBeUndefined();
    expect(nextRemovalMs(after([0, [1, 2, 3]], [10, [1, 2]], [20, [1]]), RULES)).toBe(310);
  });
});

describe('whatever answers come', () => {
  const answer: fc.Arbitrary<RegistryAnswer> = fc.oneof(
    fc.constant(FAILED),
    fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }).map((lasts) => naming(...lasts)),
  );
  const history = fc.array(fc.tuple(fc.nat(200), answer), { maxLength: 12 });
  /** The history with times that go on. */
  const told = (steps: readonly (readonly [number, RegistryAnswer])[]) => {
    let nowMs = 0;
    return steps.map(([laterMs, given]) => {
      nowMs += laterMs;
      return [nowMs, given] as const;
    });
  };

  it('a pool that had endpoints has some, all that the last answer with any named among them', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const known = after(...told(steps));
        const last = steps.findLast(([, given]) => given.kind === 'named' && given.endpoints.length > 0)?.[1];
        const named = last?.kind === 'named' ? last.endpoints.map(({ id }) => id).sort() : [];
        const serving = known.filter(({ missingSinceMs }) => missingSinceMs === undefined);
        expect(serving.map(({ endpoint }) => endpoint.id)).toEqual(named);
      }),
    );
  });

  it('nobody is missing for longer than is kept, nor since before it was named', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const answers = told(steps);
        const lastNamedMs = answers.findLast(
          ([, given]) => given.kind === 'named' && given.endpoints.length > 0,
        );
        for (const { missingSinceMs } of after(...answers)) {
          if (missingSinceMs === undefined) continue;
          expect((lastNamedMs?.[0] ?? 0) - missingSinceMs).toBeLessThan(RULES.removeAfterMs);
        }
      }),
    );
  });

  it('the order within answers does not matter', () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (steps, seeds) => {
        const answers = told(steps);
        const shuffled = answers.map(([atMs, given]): [number, RegistryAnswer] => [
          atMs,
          given.kind === 'failed'
            ? given
            : {
                kind: 'named',
                endpoints: given.endpoints.toSorted(() => (Number(seeds.next().value) % 3) - 1),
              },
        ]);
        expect(after(...shuffled)).toEqual(after(...answers));
      }),
    );
  });
});
