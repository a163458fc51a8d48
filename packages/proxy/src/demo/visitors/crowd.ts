import { Resolver } from 'node:dns/promises';
import { systemClock, systemRandom } from '@holdfast/shared';
import { Agent } from 'undici';
import { pause } from '../pause.ts';
import { type AskDns, NamedNodes } from './named-nodes.ts';
import { type Visit, Visitor } from './visitor.ts';

/** Who visits, and how often. */
export interface CrowdOptions {
  readonly url: URL;
  /** Visitors at a time. */
  readonly visitors: number;
  /** Visits of all of them in a second. */
  readonly rate: number;
  /** How many of the addresses behind the name of the shop a visitor tries. */
  readonly tries: number;
  /** Told of each visit. */
  readonly hear: (visit: Visit) => void;
  readonly signal: AbortSignal;
}

/** Shorter than most visitors think: a browser that has thought connects anew, and so asks DNS. */
const KEEP_ALIVE_MS = 1_000;

const VISITS_MIN = 20;
const VISITS_MAX = 200;

const DNS_TIMEOUT_MS = 1_000;
const DNS_TRIES = 3;

/** Visits the shop as people with browsers would until the signal fires. A visitor leaves after some time, and a new one comes. */
export async function visitAsCrowd({ visitors, rate, ...habits }: CrowdOptions): Promise<void> {
  const thinkMs = (1_000 * visitors) / rate;
  await Promise.all(Array.from({ length: visitors }, () => comeAndGo({ ...habits, thinkMs })));
}

interface Habits {
  readonly url: URL;
  readonly tries: number;
  /** Between two visits of one visitor, give or take a half. */
  readonly thinkMs: number;
  readonly hear: (visit: Visit) => void;
  readonly signal: AbortSignal;
}

/** One visitor after the other, each with a browser of their own. */
async function comeAndGo({ url, tries, thinkMs, hear, signal }: Habits): Promise<void> {
  const [clock, random] = [systemClock, systemRandom()];
  await pause(clock, random.unit() * thinkMs, signal);
  while (!signal.aborted) {
    const { lookup } = new NamedNodes(askDns(), clock, random, tries);
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
