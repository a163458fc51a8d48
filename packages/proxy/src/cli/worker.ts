import manifest from '../../package.json' with { type: 'json' };
import { parseText } from '../import/gateway/gateway-bundle.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What its supervisor is to hear of alone: a terminal, and systemd, signal every process of a node. */
const SIGNALS_OF_THE_SUPERVISOR = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const;

/** Runs one of the processes of a node for the supervisor that started this process. */
export async function worker(terminal: Terminal): Promise<ExitCode> {
  if (process.send === undefined) {
    terminal.complain('holdfast: a worker is started by holdfast run, where workers are configured');
    return EXIT.usage;
  }
  for (const signal of SIGNALS_OF_THE_SUPERVISOR) process.on(signal, () => {});
  const { processChannel } = await import('../workers/supervisor-channel.ts');
  const { Worker } = await import('../workers/worker.ts');
  const { startNode } = await import('../compose.ts');
  const { environment, complain } = terminal;
  const hasServed = await new Worker({
    channel: processChannel(),
    release: manifest.version,
    startNode: (config, options) => startNode(config, { ...options, environment }),
    parse: (text, file) => parseText(text, file, environment),
    complain,
  }).run();
  return hasServed ? EXIT.ok : EXIT.usage;
}
