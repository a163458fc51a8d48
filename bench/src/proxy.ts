import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from './contenders/contender.ts';
import type { Origin } from './machine/origin.ts';
import { startPinned } from './machine/pinned-process.ts';
import { untilAnswered } from './machine/ready.ts';

/** A proxy that answers. Disposing of it ends it and deletes its directory. */
export interface RunningProxy extends AsyncDisposable {
  readonly pid: number;
}

/** Where a proxy runs and is reached. */
export interface Place {
  /** A directory of its own. */
  readonly directory: string;
  readonly origin: Origin;
  readonly cores: string;
}

/** Starts a proxy and waits until a request gets through it to an endpoint. */
export async function startProxy(
  { files, ...command }: Launch,
  { directory, origin, cores }: Place,
): Promise<RunningProxy> {
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  const outputFile = join(directory, 'output.log');
  const process = await startPinned({ ...command, cores, outputFile });
  await untilAnswered(process, origin, outputFile);
  return {
    pid: process.pid,
    async [Symbol.asyncDispose]() {
      await process[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
