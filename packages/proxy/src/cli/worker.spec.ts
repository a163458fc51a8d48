import { describe, expect, it } from 'vitest';
import { holdfast } from './testing/holdfast-process.ts';

describe('holdfast worker', { timeout: 30_000 }, () => {
  it('is for run to start: called by a person it says so, and exits with 2', async () => {
    const { exitCode, stderr } = await holdfast(['worker']);
    expect(stderr).toContain('a worker is started by holdfast run');
    expect(exitCode).toBe(2);
  });

  it('is no command that the help names', async () => {
    const { stdout } = await holdfast(['--help']);
    expect(stdout).toContain('run a node');
    expect(stdout).not.toContain('worker');
  });
});
