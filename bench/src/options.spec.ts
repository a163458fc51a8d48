import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE } from './options.ts';

describe('the command line', () => {
  it('has a default for everything but the scale, which is that of each case', () => {
    expect(parseOptions([])).toMatchObject({ cases: ['warm'], scale: {}, accessLog: false, store: 'sqlite' });
    expect(USAGE).toContain('(default: warm)');
  });

  it('replaces what it names of the scale', () => {
    expect(parseOptions(['--rounds', '4', '--warm-up', '1'])).toHaveProperty('scale', {
      rounds: 4,
      warmUpSeconds: 1,
    });
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
