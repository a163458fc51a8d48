import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('things happen one at a time and in their order, whether or not those before have failed', async () => {
  const turns = new Turns();
  const told: string[] = [];
  const take = (name: string, gate: Promise<unknown>): Promise<string> =>
    turns.take(async () => {
      told.push(`begin ${name}`);
      await gate;
      told.push(`end ${name}`);
      return name;
    });
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const results = [take('a', first.promise), take('b', second.promise), take('c', Promise.resolve())];
  const settled = Promise.allSettled(results);
  second.reject(new RangeError('b fails'));
  first.resolve();
  expect((await settled).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(told).toEqual(['begin a', 'end a', 'begin b', 'begin c', 'end c']);
});
