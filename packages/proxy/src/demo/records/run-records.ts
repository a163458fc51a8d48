import { systemClock } from '@holdfast/shared';
import { pause } from '../pause.ts';
import { stopSignal } from '../stop-signal.ts';
import { hostsText, replaceFile } from './hosts-file.ts';
import { namedAddresses } from './named-addresses.ts';
import { isReady } from './readiness.ts';

/** Which nodes a name stands for, and the file that says so to a name server. */
export interface RecordsOptions {
  readonly name: string;
  readonly file: string;
  /** Their admin listeners, by address. */
  readonly nodes: readonly URL[];
  /** Takes a line of JSON. */
  readonly print: (text: string) => void;
}

const ASK_EVERY_MS = 250;

/**
 * Keeps the file until a signal ends it: a name stands for the nodes that are ready, and no others. It is what a DNS service
 * with health checks does, small enough for a laptop.
 *
 * @throws the system's own error if the file cannot be written
 */
export async function runRecords({ name, file, nodes, print }: RecordsOptions): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const signal = stopSignal(cleanup);
  let named: readonly string[] = [];
  while (!signal.aborted) {
    const states = await Promise.all(
      nodes.map(async (node) => ({ address: addressOf(node), isReady: await isReady(node) })),
    );
    const wanted = namedAddresses(states, named);
    if (wanted.join() !== named.join()) {
      await replaceFile(file, hostsText(name, wanted));
      named = wanted;
      print(JSON.stringify({ name, addresses: named }));
    }
    await pause(systemClock, ASK_EVERY_MS, signal);
  }
}

/** Without the brackets of an IPv6 address. */
const addressOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1');
