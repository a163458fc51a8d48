import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE } from './options.ts';

describe('the command line', () => {
  it('has a default for everything, and the usage tells the same', () => {
    const options = parseOptions([]);

    expect(options).toMatchObject({
      rounds: 10,
      seconds: 3,
      connections: 64,
      sessions: 5_000,
      accessLog: false,
      store: 'sqlite',
    });
    expect(USAGE).toContain('in turn (default: 10)');
    expect(USAGE).toContain('in one round (default: 3)');
  });

  it('chooses contenders in their order', () => {
    expect(parseOptions(['--contenders', 'nginx,holdfast'])).toHaveProperty('contenders', [
      'nginx',
      'holdfast',
    ]);
  });

  it.each([
    { args: ['--rounds', '0'], message: '--rounds expects a whole number from 1, not "0"' },
    { args: ['--seconds', '1.5'], message: '--seconds expects a whole number from 1, not "1.5"' },
    { args: ['--store', 'etcd'], message: '--store expects memory or sqlite or redis, not "etcd"' },
    { args: ['--access-log'], message: 'argument missing' },
    { args: ['--bogus'], message: 'usage: npm run bench' },
    { args: ['holdfast'], message: 'usage: npm run bench' },
  ])('refuses $args', ({ args, message }) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
