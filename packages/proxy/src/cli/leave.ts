import { parseDuration, sleep, systemClock } from '@holdfast/shared';
import { departureView } from '../admin/api.ts';
import { findAdmin } from './admin-address.ts';
import { AdminClient, type AskOptions } from './admin-client.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** Has a node leave, and waits until nobody finds it any more: it may be ended then. */
export async function leave(options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const address = await findAdmin(options, terminal);
  if (address === undefined) return EXIT.usage;
  const client = new AdminClient(address, terminal);
  for (;;) {
    const answer = await client.ask({ method: 'POST', path: '/leave', answer: departureView });
    if (answer === undefined) return EXIT.failure;
    const remainingMs = parseDuration(answer.value.remaining) ?? 0;
    if (remainingMs === 0) {
      terminal.print(options.json === true ? answer.text : 'the node has left: it may be ended');
      return EXIT.ok;
    }
    await sleep(systemClock, remainingMs);
  }
}
