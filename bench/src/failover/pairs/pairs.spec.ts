import { describe, expect, it } from 'vitest';
import { allContenders } from '../../contenders/index.ts';
import { NODE_NAMES } from '../pair.ts';
import { pairsOf } from './index.ts';

const pairs = allContenders({ store: 'sqlite' }).flatMap(pairsOf);
const endpoints = [1, 2, 3, 4].map((number) => ({ id: `e${number}`, port: 9_000 + number }));
const peerPorts = { n1: 7_001, n2: 7_002 };

describe('a pair', () => {
  it('has a title that no other pair has', () => {
    expect(new Set(pairs.map(({ title }) => title)).size).toBe(pairs.length);
  });

  it.each(pairs.map((pair) => [pair.title, pair] as const))(
    '%s has all endpoints behind both proxies',
    (_, pair) => {
      for (const name of NODE_NAMES) {
        const setup = { name, directory: `/of/${name}`, port: 8_000, peerPorts, redisPort: 6_379, endpoints };
        const text = Object.values(pair.launch(setup).files).join('\n');

        expect(endpoints.filter(({ port }) => !text.includes(`127.0.0.1:${port}`))).toEqual([]);
      }
    },
  );
});
