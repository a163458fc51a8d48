import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { sleep, systemClock } from '@holdfast/shared';
import { BenchError } from '../bench-error.ts';
import type { Origin } from './origin.ts';
import type { PinnedProcess } from './pinned-process.ts';

const DEADLINE_MS = 15_000;
const RETRY_MS = 25;

/**
 * Waits until `process` answers 200 at its origin. Throws a {@link BenchError} with the end of its output
 * when it has exited, or when it still does not answer after 15 s.
 */
export async function untilAnswered(
  process: PinnedProcess,
  origin: Origin,
  outputFile: string,
): Promise<void> {
  const giveUpAtMs = systemClock.elapsed() + DEADLINE_MS;
  while (!(await answersOk(origin))) {
    const problem = !process.isRunning()
      ? 'has exited'
      : systemClock.elapsed() > giveUpAtMs
        ? 'does not answer'
        : undefined;
    if (problem !== undefined)
      throw new BenchError(`process ${process.pid} ${problem}:\n${endOf(outputFile)}`);
    await sleep(systemClock, RETRY_MS);
  }
}

const endOf = (file: string): string => readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');

const answersOk = ({ port, secure }: Origin): Promise<boolean> =>
  new Promise((resolve) => {
    const request = secure ? requestHttps : requestHttp;
    const probe = request(
      { host: '127.0.0.1', port, path: '/', agent: false, timeout: 1_000, rejectUnauthorized: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    probe.on('timeout', () => probe.destroy());
    probe.on('error', () => resolve(false));
    probe.end();
  });
