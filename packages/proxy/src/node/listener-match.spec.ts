import { describe, expect, it } from 'vitest';
import { listenerConfig } from '../testing/wire-world.ts';
import { matchListeners } from './listener-match.ts';

const listener = (name: string, port: number) => listenerConfig({ name, listen: `127.0.0.1:${port}` });
const running = (name: string, port: number) => ({ config: listener(name, port) });

/** Who serves whom, in names; `new` stands for a listener that has to be opened. */
function matched(before: [string, number][], after: [string, number][]) {
  const { next, left } = matchListeners(
    before.map(([name, port]) => running(name, port)),
    after.map(([name, port]) => listener(name, port)),
  );
  return {
    next: next.map(({ config, running: same }) => `${same?.config.name ?? 'new'} > ${config.name}`),
    left: left.map(({ config }) => config.name),
  };
}

describe('the listeners of the next configuration', () => {
  it.each<[string, [string, number][], [string, number][], string[], string[]]>([
    ['stay where the address stays', [['web', 80]], [['web', 80]], ['web > web'], []],
    ['stay under another name', [['web', 80]], [['shop', 80]], ['web > shop'], []],
    ['are new at another address', [['web', 80]], [['web', 81]], ['new > web'], ['web']],
    ['are new where there was none', [], [['web', 80]], ['new > web'], []],
    ['leave where there is none any more', [['web', 80]], [], [], ['web']],
    [
      'may exchange their names without a new socket',
      [
        ['a', 80],
        ['b', 81],
      ],
      [
        ['b', 80],
        ['a', 81],
      ],
      ['a > b', 'b > a'],
      [],
    ],
    [
      'are told apart by name where the system chooses the port',
      [
        ['a', 0],
        ['b', 0],
      ],
      [
        ['b', 0],
        ['c', 0],
      ],
      ['b > b', 'a > c'],
      [],
    ],
  ])('%s', (_, before, after, next, left) => {
    expect(matched(before, after)).toEqual({ next, left });
  });
});
