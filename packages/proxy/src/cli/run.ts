import type { Config } from '@holdfast/shared/config';
import type { ReloadTrigger } from '../node/current-config.ts';
import type { WorkerProgram } from '../workers/worker-process.ts';
import { configSource, loadConfig } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast run` is told. */
export interface RunOptions {
  readonly config: string;
}

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
export async function run({ config: file }: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadConfig(file, terminal);
  if (loaded === undefined) return EXIT.usage;
  const signals = stopSignals();
  const started = Promise.withResolvers<Runnable>();
  process.on('SIGHUP', () => void started.promise.then((node) => node.reload('signal')));
  process.on('SIGUSR2', () => void started.promise.then((node) => upgrade(node, terminal)));
  const start = loaded.config.workers === undefined ? startAlone : startWithWorkers;
  const node = await Promise.race([start(loaded, file, terminal), signals.second]);
  if (node === undefined) return EXIT.failure;
  started.resolve(node);
  await signals.first;
  const isOrderly = await Promise.race([node.shutdown().then(() => true), signals.second]);
  if (isOrderly === true) return EXIT.ok;
  node.abort();
  return EXIT.failure;
}

type Start = (
  loaded: { readonly config: Config; readonly text: string },
  file: string,
  terminal: Terminal,
) => Promise<Runnable | undefined>;

// Modules are loaded only here, so that the commands that need no node start without the weight of one.

const startAlone: Start = async ({ config, text }, file, terminal) => {
  const { startNode } = await import('../compose.ts');
  return startNode(config, { source: configSource(file, text, terminal) });
};

const startWithWorkers: Start = async ({ config, text }, file, terminal) => {
  const { startSupervisedNode } = await import('../compose-supervisor.ts');
  const source = { ...configSource(file, text, terminal), text };
  return startSupervisedNode(config, { source, file, program: workerProgram() });
};

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
