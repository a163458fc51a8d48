import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Contender, originOf, type Setup } from './contenders/contender.ts';
import { startPinned } from './machine/pinned-process.ts';
import { untilAnswered } from './machine/ready.ts';

/** A contender that answers. Disposing of it ends it and deletes its directory. */
export interface RunningProxy extends AsyncDisposable {
  readonly pid: number;
}

/** Starts a contender on `cores` and waits until a request gets through it to an endpoint. */
export async function startProxy(contender: Contender, setup: Setup, cores: string): Promise<RunningProxy> {
  const { files, ...command } = contender.launch(setup);
  mkdirSync(setup.directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(setup.directory, name), content);
  const outputFile = join(setup.directory, 'output.log');
  const process = await startPinned({ ...command, cores, outputFile });
  await untilAnswered(process, originOf(setup), outputFile);
  return {
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      rmSync(setup.directory, { recursive: true, force: true });
    },
  };
}
