import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const holdfast = new URL('../../bin/holdfast', import.meta.url).pathname;

describe('holdfast demo --once', () => {
  it('observes every step of its story on real processes', async () => {
    const { stdout } = await run(holdfast, ['demo', '--once'], { timeout: 90_000 });
    expect(stdout.match(/✓/g)).toHaveLength(5);
    expect(stdout).toContain('All 5 steps were observed');
  });
});
