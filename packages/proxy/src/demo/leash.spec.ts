import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';

const LEASH = new URL('./leash.ts', import.meta.url).href;
const GO_ON_FOR_EVER = 'process.send("ready"); require("node:net").createServer().listen(0, "127.0.0.1");';

function startOnLeash(script: string) {
  const child = spawn(process.execPath, [`--import=${LEASH}`, '--eval', script], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('the leash', () => {
  it('ends a process that would go on for ever when the channel to the demo closes', async () => {
    const child = startOnLeash(GO_ON_FOR_EVER);
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
  });

  it('keeps no process from its own end', async () => {
    expect(await once(startOnLeash(''), 'exit')).toEqual([0, null]);
  });
});
