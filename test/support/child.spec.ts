import { describe, expect, it } from 'vitest';
import { Child } from './child.ts';
import { until } from './until.ts';

const run = (program: string, onStdout?: (line: string) => void): Child =>
  new Child({
    name: 'child',
    command: process.execPath,
    args: ['-e', program],
    ...(onStdout !== undefined && { onStdout }),
  });

describe('a child', () => {
  it('is heard to its last line, and tells how it ended', async () => {
    const heard: string[] = [];
    const program = "console.log('one'); console.log('two'); console.error('three'); process.exitCode = 7";
    const child = run(program, (line) => heard.push(line));
    expect(await child.exit).toEqual({ code: 7, signal: null });
    expect(heard).toEqual(['one', 'two']);
    expect(child.lines).toEqual(['three']);
    expect(child.hasExited).toBe(true);
    expect(await child.end()).toEqual({ code: 7, signal: null });
  });

  it('can be ended even while it is frozen, by a signal that it handles', async () => {
    const program =
      "process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up')";
    const child = run(program);
    await until('it is up', () => child.lines.includes('up'));
    child.signal('SIGSTOP');
    expect(await child.end('SIGTERM')).toEqual({ code: 3, signal: null });
  });
});
