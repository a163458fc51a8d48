import { describe, expect, it } from 'vitest';
import { ServerNames } from './server-names.ts';

const names = new ServerNames<string>();
names.add('*.shop.test', 'any shop');
names.add('www.Shop.test', 'the shop');
names.add('shop.test', 'the shop');
names.add('shop.test', 'added later');

describe('the names of a server', () => {
  it.each<[name: string, found: string | undefined, why: string]>([
    ['shop.test', 'the shop', 'what was added first'],
    ['WWW.SHOP.TEST', 'the shop', 'a name in full before a pattern, in whatever case'],
    ['api.shop.test', 'any shop', 'one level below a pattern'],
    ['eu.api.shop.test', undefined, 'nothing two levels below'],
    ['notshop.test', undefined, 'nothing for a name that merely ends alike'],
    ['.shop.test', undefined, 'nothing for an empty label'],
    ['test', undefined, 'nothing for a name without a dot'],
    ['', undefined, 'nothing for no name'],
    ['*.shop.test', 'any shop', 'the pattern itself, as one of its names'],
  ])('%j finds %s: %s', (name, found) => {
    expect(names.find(name)).toBe(found);
  });
});
