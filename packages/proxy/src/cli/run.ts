import type { Config } from '@holdfast/shared/config';
import type { ReloadTrigger } from '../node/current-config.ts';
import type { WorkerProgram } from '../workers/worker-process.ts';
import { loaded } from './config-file.ts';
import { type ConfigOptions, type NamedConfig, readNamed } from './config-options.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** A node that runs, of one process or of several. */
interface Runnable {
  reload(trigger: ReloadTrigger): Promise<unknown>;
  upgrade?(): void;
  shutdown(): Promise<void>;
  abort(): void;
}

/**
 * Runs a node until a signal ends it: the first SIGTERM or SIGINT shuts it down in good order, the second ends it
 * at once. SIGHUP has it read its configuration again, SIGUSR2 replace its workers, as soon as it has started.
 */
export async function run(options: ConfigOptions, terminal: Terminal): Promise<ExitCode> {
  const { file, parsed, source } = await readNamed(options, terminal);
  const config = loaded(parsed, terminal)?.config;
  if (config === undefined) return EXIT.usage;
  const signals = stopSignals();
  const started = Promise.withResolvers<Runnable>();
  process.on('SIGHUP', () => void started.promise.then((node) => node.reload('signal')));
  process.on('SIGUSR2', () => void started.promise.then((node) => upgrade(node, terminal)));
  const start = config.workers === undefined ? startAlone : startWithWorkers;
  const { environment } = terminal;
  const node = await Promise.race([start({ file, config, source, environment }), signals.second]);
  if (node === undefined) return EXIT.failure;
  started.resolve(node);
  await signals.first;
  const isOrderly = await Promise.race([node.shutdown().then(() => true), signals.second]);
  if (isOrderly === true) return EXIT.ok;
  node.abort();
  return EXIT.failure;
}

/** What a node starts with. */
interface Found extends Pick<NamedConfig, 'file' | 'source'>, Pick<Terminal, 'environment'> {
  readonly config: Config;
}

// Modules are loaded only here, so that the commands that need no node start without the weight of one.

async function startAlone({ config, source, environment }: Found): Promise<Runnable | undefined> {
  const { startNode } = await import('../compose.ts');
  return startNode(config, { source, environment });
}

async function startWithWorkers({ config, source, file, environment }: Found): Promise<Runnable | undefined> {
  const { startSupervisedNode } = await import('../compose-supervisor.ts');
  return startSupervisedNode(config, { source, file, environment, program: workerProgram() });
}

/** This command as it was called, so that a link to another release leads to that release. */
function workerProgram(): WorkerProgram {
  const command = process.argv0.startsWith('/') ? process.argv0 : process.execPath;
  return { command, args: [...process.execArgv, process.argv[1] ?? '', 'worker'] };
}

function upgrade(node: Runnable, terminal: Terminal): void {
  if (node.upgrade !== undefined) return node.upgrade();
  terminal.complain(
    'holdfast: SIGUSR2 replaces workers, and the configuration of this node has no "workers"',
  );
}

/** Settled at the first and the second signal from now on; one that comes while the node still starts is not lost. */
function stopSignals(): { readonly first: Promise<void>; readonly second: Promise<void> } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let isFirstSeen = false;
  const onSignal = (): void => {
    (isFirstSeen ? second : first).resolve();
    isFirstSeen = true;
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { first: first.promise, second: second.promise };
}
