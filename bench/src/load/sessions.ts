import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { BenchError } from '../bench-error.ts';
import type { Origin } from '../machine/origin.ts';
import { type Answer, askOnce } from './ask.ts';
import { cookieHeader } from './browser-request.ts';
import type { RequestBody, Traffic } from './traffic.ts';

/** A session that has a place: its Cookie header from now on, and the endpoint that served it first. */
export interface WarmSession {
  readonly cookie: string;
  readonly endpoint: string;
}

/** What became of sessions that asked once more. */
export interface StickinessCheck {
  /** Sessions that another endpoint answered than the one before. */
  readonly moved: number;
  /** Requests that were not answered with 200 and a body of the expected length. */
  readonly failed: number;
}

const CONCURRENCY = 32;

/**
 * Opens `count` sessions through the proxy at `origin`, each with the cookies that its first answer set.
 * Throws a {@link BenchError} where one gets no good answer.
 */
export function warmSessions(
  origin: Origin,
  traffic: Traffic,
  count: number,
): Promise<readonly WarmSession[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return overKeepAlive(origin, numbers, async (session, ask) => {
    const answer = await ask(cookieHeader(session), traffic.body);
    if (!isGood(answer, traffic)) throw new BenchError(`a new session was answered with ${describe(answer)}`);
    const issued = answer.setCookies.map((setCookie) => setCookie.split(';', 1)[0]).join('; ');
    if (issued === '' && !traffic.passesThrough) throw new BenchError('a new session was given no cookie');
    return { cookie: cookieHeader(session, issued || undefined), endpoint: answer.endpoint };
  });
}

/** Lets every session ask once and counts those that are no longer where they were. */
export async function checkStickiness(
  origin: Origin,
  traffic: Traffic,
  sessions: readonly WarmSession[],
): Promise<StickinessCheck> {
  const answers = await overKeepAlive(origin, sessions, ({ cookie }, ask) => ask(cookie, traffic.body));
  const moved = answers.filter(
    ({ status, endpoint }, index) => status === 200 && endpoint !== sessions[index]!.endpoint,
  );
  return { moved: moved.length, failed: answers.filter((answer) => !isGood(answer, traffic)).length };
}

const isGood = ({ status, bytes }: Answer, { answering }: Traffic): boolean =>
  status === 200 && bytes === answering.bytes;

const describe = ({ status, bytes }: Answer): string =>
  status === 0 ? 'a broken connection' : `${status} and ${bytes} bytes`;

/** Asks once with a Cookie header. */
type Ask = (cookie: string, body: RequestBody | undefined) => Promise<Answer>;

/** Does `work` for every item, {@link CONCURRENCY} at a time over kept connections; results in the items' order. */
async function overKeepAlive<Item, Result>(
  origin: Origin,
  items: readonly Item[],
  work: (item: Item, ask: Ask) => Promise<Result>,
): Promise<readonly Result[]> {
  const options = { keepAlive: true, maxSockets: CONCURRENCY };
  const agent = origin.secure ? new HttpsAgent(options) : new HttpAgent(options);
  const ask: Ask = (cookie, body) => askOnce(origin, agent, cookie, body);
  const results: Result[] = new Array(items.length);
  const remaining = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of remaining) results[index] = await work(item, ask);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  agent.destroy();
  return results;
}
