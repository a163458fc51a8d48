import { systemClock } from '@holdfast/shared';
import { pause } from '../pause.ts';
import { stopSignal } from '../stop-signal.ts';
import { type CrowdOptions, visitAsCrowd } from './crowd.ts';
import { counted, EMPTY_TALLY } from './tally.ts';
import type { Visit } from './visitor.ts';

/** Who visits, and how often. */
export interface VisitorsOptions extends Pick<CrowdOptions, 'url' | 'visitors' | 'rate' | 'tries'> {
  /** Takes a line of JSON. */
  readonly print: (text: string) => void;
}

const REPORT_EVERY_MS = 5_000;

/**
 * Visits the shop until a signal ends it, as people with browsers would, and tells every five seconds and at the end what
 * they found. A visitor leaves after some time, and a new one comes.
 */
export async function runVisitors({ print, ...options }: VisitorsOptions): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const signal = stopSignal(cleanup);
  let tally = EMPTY_TALLY;
  const hear = (visit: Visit): void => {
    tally = counted(tally, visit);
  };
  const crowd = visitAsCrowd({ ...options, hear, signal });
  while (!signal.aborted) {
    await pause(systemClock, REPORT_EVERY_MS, signal);
    if (!signal.aborted) print(JSON.stringify(tally));
  }
  await crowd;
  print(JSON.stringify(tally));
}
