import { Agent, type IncomingMessage, request } from 'node:http';
import { BenchError } from './bench-error.ts';
import { BROWSER_HEADERS, cookieHeader, HOST, TARGET } from './browser-request.ts';
import { SERVED_BY } from './endpoints.ts';

/** A session that has a place: its Cookie header from now on, and the endpoint that served it first. */
export interface WarmSession {
  readonly cookie: string;
  readonly endpoint: string;
}

/** What became of sessions that asked once more. */
export interface StickinessCheck {
  /** Sessions that another endpoint answered than the one before. */
  readonly moved: number;
  /** Requests that were not answered with 200, or not at all. */
  readonly failed: number;
}

interface Answer {
  readonly status: number;
  readonly endpoint: string;
  readonly setCookies: readonly string[];
}

const CONCURRENCY = 32;

/**
 * Opens `count` sessions through the proxy on `port`, each with the cookies that its first answer set.
 * Throws a {@link BenchError} where one gets no good answer.
 */
export function warmSessions(port: number, count: number): Promise<readonly WarmSession[]> {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return overKeepAlive(numbers, async (session, agent) => {
    const { status, endpoint, setCookies } = await ask(port, cookieHeader(session), agent);
    if (status !== 200)
      throw new BenchError(`a new session was answered with ${status || 'a broken connection'}`);
    const issued = setCookies.map((setCookie) => setCookie.split(';', 1)[0]).join('; ');
    return { cookie: cookieHeader(session, issued === '' ? undefined : issued), endpoint };
  });
}

/** Lets every session ask once and counts those that are no longer where they were. */
export async function checkStickiness(
  port: number,
  sessions: readonly WarmSession[],
): Promise<StickinessCheck> {
  const answers = await overKeepAlive(sessions, ({ cookie }, agent) => ask(port, cookie, agent));
  const failed = answers.filter(({ status }) => status !== 200).length;
  const moved = answers.filter(
    ({ status, endpoint }, index) => status === 200 && endpoint !== sessions[index]!.endpoint,
  );
  return { moved: moved.length, failed };
}

/** Does `work` for every item, {@link CONCURRENCY} at a time over kept connections; results in the items' order. */
async function overKeepAlive<Item, Result>(
  items: readonly Item[],
  work: (item: Item, agent: Agent) => Promise<Result>,
): Promise<readonly Result[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const results: Result[] = new Array(items.length);
  const remaining = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of remaining) results[index] = await work(item, agent);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  agent.destroy();
  return results;
}

const NO_ANSWER: Answer = { status: 0, endpoint: '', setCookies: [] };

const ask = (port: number, cookie: string, agent: Agent): Promise<Answer> =>
  new Promise((resolve) => {
    const headers = { Host: HOST, ...BROWSER_HEADERS, Cookie: cookie };
    const outgoing = request({ host: '127.0.0.1', port, path: TARGET, headers, agent }, (response) => {
      response.resume();
      response.once('error', () => resolve(NO_ANSWER));
      response.once('end', () => resolve(answerOf(response)));
    });
    outgoing.once('error', () => resolve(NO_ANSWER));
    outgoing.end();
  });

const answerOf = ({ statusCode = 0, headers }: IncomingMessage): Answer => ({
  status: statusCode,
  endpoint: String(headers[SERVED_BY]),
  setCookies: headers['set-cookie'] ?? [],
});
