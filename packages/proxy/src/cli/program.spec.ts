import { describe, expect, it } from 'vitest';
import { holdfast } from './testing/holdfast-process.ts';

const VALID = `listeners: [{ name: web, listen: "127.0.0.1:0", pool: shop }]
pools: [{ name: shop, endpoints: [{ url: "http://10.0.0.1", weight: \${WEIGHT:-1} }] }]
admin: { token: a-token-that-stays-secret }
`;
const INVALID = VALID.replace('weight', 'wieght');

describe('holdfast validate', { timeout: 30_000 }, () => {
  it('reads ./holdfast.yaml unless another file is named, and says what is in it', async () => {
    expect(await holdfast(['validate'], { 'holdfast.yaml': VALID })).toEqual({
      exitCode: 0,
      stdout: './holdfast.yaml is valid: 1 listener, 1 pool, 1 endpoint\n',
      stderr: '',
    });
  });

  it('tells file, line, column, path and what was meant on standard error, and exits with 2', async () => {
    expect(await holdfast(['validate', '-c', 'shop.yaml'], { 'shop.yaml': INVALID })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'shop.yaml:2:61: pools[0].endpoints[0].wieght: unknown key: expected one of id, url, weight, label, sticky, backup, maxConnections, incarnation\n  did you mean "weight"?\n',
    });
  });

  it.each(['--gateway-yaml', '--services'])(
    'says that a gateway needs two files, of which %s is one',
    async (option) => {
      expect(await holdfast(['validate', option, 'one.yaml'], {})).toEqual({
        exitCode: 2,
        stdout: '',
        stderr: 'one.yaml:1:1: expected --gateway-yaml and --services together, found only one of them\n',
      });
    },
  );

  it('replaces references from the environment of the process', async () => {
    const { exitCode, stderr } = await holdfast(
      ['validate'],
      { 'holdfast.yaml': VALID },
      { WEIGHT: 'heavy' },
    );
    expect(stderr).toContain('./holdfast.yaml:2:69: pools[0].endpoints[0].weight: expected a whole number');
    expect(exitCode).toBe(2);
  });

  it('tells warnings, which keep nobody from running', async () => {
    const text = `${VALID}store: { url: "memory:" }\n`.replace('}] }]', '}], affinity: { type: cookie } }]');
    const { exitCode, stderr } = await holdfast(['validate'], { 'holdfast.yaml': text });
    expect(stderr).toMatch(/^\.\/holdfast\.yaml:\d+:\d+: warning: secrets: .*\n$/);
    expect(exitCode).toBe(0);
  });

  it('says the same as JSON for programs', async () => {
    const valid = await holdfast(['validate', '--json'], { 'holdfast.yaml': VALID });
    expect(JSON.parse(valid.stdout)).toEqual({
      file: './holdfast.yaml',
      valid: true,
      problems: [],
      warnings: [],
    });
    const invalid = await holdfast(['validate', '--json'], { 'holdfast.yaml': INVALID });
    expect(JSON.parse(invalid.stdout)).toMatchObject({
      valid: false,
      problems: [{ line: 2, column: 61, suggestion: 'weight' }],
    });
    expect([valid.exitCode, invalid.exitCode]).toEqual([0, 2]);
  });

  it('says which file it did not find and how to name another', async () => {
    const { exitCode, stderr } = await holdfast(['validate']);
    expect(stderr).toBe(
      './holdfast.yaml:1:1: expected a file that can be read, found none: name the configuration with -c FILE\n',
    );
    expect(exitCode).toBe(2);
  });
});

describe('holdfast config print', { timeout: 30_000 }, () => {
  it('prints what the file gives, variables replaced and secrets redacted', async () => {
    const { exitCode, stdout } = await holdfast(
      ['config', 'print'],
      { 'holdfast.yaml': VALID },
      { WEIGHT: '7' },
    );
    expect(stdout).toContain('weight: 7');
    expect(stdout).toContain('token: <redacted>');
    expect(stdout).not.toContain('maxQueue');
    expect(exitCode).toBe(0);
  });

  it('prints with --effective a configuration that is valid itself', async () => {
    const { stdout } = await holdfast(['config', 'print', '--effective'], { 'holdfast.yaml': VALID });
    expect(stdout).toContain('maxQueue: 1000');
    expect(stdout).not.toContain('stays-secret');
    expect(await holdfast(['validate'], { 'holdfast.yaml': stdout })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
  });

  it('prints nothing of a configuration with problems', async () => {
    expect(await holdfast(['config', 'print'], { 'holdfast.yaml': INVALID })).toMatchObject({
      exitCode: 2,
      stdout: '',
    });
  });
});

describe('holdfast schema', { timeout: 30_000 }, () => {
  it('prints a JSON Schema and nothing else', async () => {
    const { exitCode, stdout, stderr } = await holdfast(['schema']);
    expect(JSON.parse(stdout)).toHaveProperty('properties.pools.items.properties.affinity.oneOf');
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});

describe('the command line', { timeout: 30_000 }, () => {
  it.each([
    ['an unknown command', ['serve'], "unknown command 'serve'"],
    ['an unknown option', ['validate', '--strict'], "unknown option '--strict'"],
    ['an option without its value', ['validate', '-c'], "option '-c, --config <file>' argument missing"],
    ['too many words', ['schema', 'please'], 'too many arguments'],
    ['no command at all', [], 'Usage: holdfast'],
  ])('refuses %s with exit code 2', async (_, args, complaint) => {
    const { exitCode, stdout, stderr } = await holdfast(args);
    expect(stderr).toContain(complaint);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  it.each([['--help'], ['--version']])('answers %s on standard output with exit code 0', async (option) => {
    const { exitCode, stdout, stderr } = await holdfast([option]);
    expect(stdout).not.toBe('');
    expect([exitCode, stderr]).toEqual([0, '']);
  });
});
