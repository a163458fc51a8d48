import { expect, it } from 'vitest';
import { table } from './table.ts';

it('a table aligns words on the left and numbers on the right, and shows what is missing', () => {
  const rows = [
    ['shop/shop-1', 7, undefined],
    ['b', 12_345, '10m'],
  ];
  expect(table(['endpoint', 'pins', 'deadline'], rows)).toBe(
    ['ENDPOINT      PINS  DEADLINE', 'shop/shop-1      7  -', 'b            12345  10m'].join('\n'),
  );
});

it('a table without rows is its titles', () => {
  expect(table(['key', 'endpoint'], [])).toBe('KEY  ENDPOINT');
});
