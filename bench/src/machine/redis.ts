import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { sleep, systemClock } from '@holdfast/shared';
import { BenchError } from '../bench-error.ts';
import { freePorts } from './free-port.ts';
import { startPinned } from './pinned-process.ts';

/** A Redis of the bench's own, empty and without persistence. */
export interface RunningRedis extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

const DEADLINE_MS = 5_000;

export async function startRedis(directory: string, cores: string): Promise<RunningRedis> {
  mkdirSync(directory, { recursive: true });
  const [port] = (await freePorts(1)) as [number];
  const redis = await startPinned({
    cores,
    command: 'redis-server',
    args: [
      '--port',
      `${port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      directory,
      '--save',
      '',
      '--appendonly',
      'no',
    ],
    outputFile: join(directory, 'output.log'),
  });
  await untilConnected(port);
  return { port, pid: redis.pid, [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose]() };
}

async function untilConnected(port: number): Promise<void> {
  const giveUpAtMs = systemClock.elapsed() + DEADLINE_MS;
  while (!(await accepts(port))) {
    if (systemClock.elapsed() > giveUpAtMs)
      throw new BenchError(`redis-server does not listen on port ${port}`);
    await sleep(systemClock, 25);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
