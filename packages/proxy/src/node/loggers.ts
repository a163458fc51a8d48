import type { Logger, NodeId } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import { destination, pino, stdTimeFunctions } from 'pino';

export interface Loggers {
  /** Events of the node, on standard error. */
  readonly log: Logger;
  /** Takes the line of each request, on standard output; undefined where it is off. */
  readonly access: ((line: string) => void) | undefined;
}

/** Lines are gathered up to this many bytes before they are written: one system call for some twenty requests. */
const ACCESS_BUFFER_BYTES = 8 * 1024;
const FLUSH_INTERVAL_MS = 250;

/** Two streams, so that a request log can be piped away without losing sight of what the node itself says. */
export function createLoggers(config: Config['log'], node: NodeId): Loggers {
  const options = {
    base: { node },
    level: config.level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  const log = pino(options, destination({ dest: 2, sync: true }));
  if (!config.access) return { log, access: undefined };
  const buffer = destination({
    dest: 1,
    minLength: ACCESS_BUFFER_BYTES,
    sync: false,
    periodicFlush: FLUSH_INTERVAL_MS,
  });
  process.on('exit', () => buffer.flushSync());
  return { log, access: (line) => void buffer.write(line) };
}
