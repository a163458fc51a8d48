import { loadConfig } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast run` is told. */
export interface RunOptions {
  readonly config: string;
}

/**
 * Runs a node until a signal ends it: the first SIGTERM or SIGINT shuts it down in good order, the second ends it
 * at once.
 */
export async function run({ config: file }: RunOptions, terminal: Terminal): Promise<ExitCode> {
  const loaded = await loadConfig(file, terminal);
  if (loaded === undefined) return EXIT.usage;
  const signals = stopSignals();
  // Loaded only here, so that the commands that need no node start without the weight of one.
  const { startNode } = await import('../compose.ts');
  const node = await Promise.race([startNode(loaded.config), signals.second]);
  if (node === undefined) return EXIT.failure;
  await signals.first;
  const isOrderly = await Promise.race([node.shutdown().then(() => true), signals.second]);
  if (isOrderly === true) return EXIT.ok;
  node.abort();
  return EXIT.failure;
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
