import { Resolver } from 'node:dns/promises';
import { systemClock, systemRandom } from '@holdfast/shared';
import { Agent } from 'undici';
import { pause } from '../pause.ts';
import { stopSignal } from '../stop-signal.ts';
import { type AskDns, NamedNodes } from './named-nodes.ts';
import { counted, EMPTY_TALLY } from './tally.ts';
import { type Visit, Visitor } from './visitor.ts';

/** Who visits, and how often. */
export interface VisitorsOptions {
  readonly url: URL;
  /** Visitors at a time. */
  readonly visitors: number;
  /** Visits of all of them in a second. */
  readonly rate: number;
  /** Takes a line of JSON. */
  readonly print: (text: string) => void;
}

const REPORT_EVERY_MS = 5_000;

/** Shorter than most visitors think: a browser that has thought connects anew, and so asks DNS. */
const KEEP_ALIVE_MS = 1_000;

const VISITS_MIN = 20;
const VISITS_MAX = 200;

const DNS_TIMEOUT_MS = 1_000;
const DNS_TRIES = 3;

/**
 * Visits the shop until a signal ends it, as people with browsers would, and tells every five seconds and at the end what
 * they found. A visitor leaves after some time, and a new one comes.
 */
export async function runVisitors({ url, visitors, rate, print }: VisitorsOptions): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const signal = stopSignal(cleanup);
  let tally = EMPTY_TALLY;
  const hear = (visit: Visit): void => {
    tally = counted(tally, visit);
  };
  const thinkMs = (1_000 * visitors) / rate;
  const crowd = Array.from({ length: visitors }, () => comeAndGo({ url, thinkMs, hear, signal }));
  while (!signal.aborted) {
    await pause(systemClock, REPORT_EVERY_MS, signal);
    if (!signal.aborted) print(JSON.stringify(tally));
  }
  await Promise.all(crowd);
  print(JSON.stringify(tally));
}

interface Habits {
  readonly url: URL;
  /** Between two visits of one visitor, give or take a half. */
  readonly thinkMs: number;
  readonly hear: (visit: Visit) => void;
  readonly signal: AbortSignal;
}

/** One visitor after the other, each with a browser of their own. */
async function comeAndGo({ url, thinkMs, hear, signal }: Habits): Promise<void> {
  const [clock, random] = [systemClock, systemRandom()];
  await pause(clock, random.unit() * thinkMs, signal);
  while (!signal.aborted) {
    const { lookup } = new NamedNodes(askDns(), clock, random);
    const browser = new Agent({ connect: { lookup }, connections: 1, keepAliveTimeout: KEEP_ALIVE_MS });
    const visitor = new Visitor(url, browser, random);
    const visits = VISITS_MIN + random.unit() * (VISITS_MAX - VISITS_MIN);
    for (let visit = 0; visit < visits && !signal.aborted; visit++) {
      hear(await visitor.visit());
      await pause(clock, (0.5 + random.unit()) * thinkMs, signal);
    }
    await browser.close();
  }
}

function askDns(): AskDns {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: DNS_TRIES });
  return (name) => resolver.resolve4(name, { ttl: true });
}
