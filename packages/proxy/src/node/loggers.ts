import type { Clock, Logger, NodeId } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import { destination, type Logger as Pino, pino, stdTimeFunctions } from 'pino';
import { LineBuffer } from '../record/line-buffer.ts';

export interface Loggers {
  /** Events of the node, on standard error. */
  readonly log: Logger;
  /** Takes the line of each request, on standard output; undefined where it is off. */
  readonly access: ((line: string) => void) | undefined;
  /** Changes how much is logged from now on. */
  setLevel(level: Config['log']['level']): void;
}

/** Each write goes by way of another thread, so some hundred lines share one. */
const ACCESS_WRITE_BYTES = 64 * 1024;
const ACCESS_DELAY_MS = 250;
/**
 * Of a shared standard output: a pipe keeps a write of up to 4096 bytes in one piece (POSIX, `PIPE_BUF`), so that lines
 * of two processes are not mixed.
 */
const SHARED_WRITE_BYTES = 4 * 1024;
/** What waits for a reader that is too slow; beyond it lines are lost rather than memory. */
const ACCESS_WAITING_MAX = 16 * 1024 * 1024;

/**
 * Two streams, so that a request log can be piped away without losing sight of what the node itself says.
 *
 * @param isShared whether other processes write to the same streams
 */
export function createLoggers(config: Config['log'], node: NodeId, clock: Clock, isShared = false): Loggers {
  const options = {
    base: isShared ? { node, pid: process.pid } : { node },
    level: config.level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  const log: Pino = pino(options, destination({ dest: 2, sync: true }));
  return {
    log,
    access: config.access ? accessStream(log, clock, isShared) : undefined,
    setLevel(level) {
      log.level = level;
    },
  };
}

function accessStream(log: Logger, clock: Clock, isShared: boolean): (line: string) => void {
  const output = destination({
    dest: 1,
    sync: false,
    maxLength: ACCESS_WAITING_MAX,
    ...(isShared && { maxWrite: SHARED_WRITE_BYTES }),
  });
  let isLosing = false;
  output.on('drop', () => {
    if (!isLosing) log.warn({}, 'lines of the access log are lost: what reads standard output is too slow');
    isLosing = true;
  });
  output.on('drain', () => {
    isLosing = false;
  });
  const bytesMax = isShared ? SHARED_WRITE_BYTES : ACCESS_WRITE_BYTES;
  const lines = new LineBuffer((text) => output.write(text), clock, bytesMax, ACCESS_DELAY_MS);
  process.on('exit', () => {
    lines.flush();
    output.flushSync();
  });
  return (line) => lines.add(line);
}
