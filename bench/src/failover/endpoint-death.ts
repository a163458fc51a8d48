import { sleep, systemClock } from '@holdfast/shared';
import { BenchError } from '../bench-error.ts';
import type { Answer } from '../load/ask.ts';
import { type FailoverTrial, trialOf } from './failover-trial.ts';
import type { MortalEndpoint } from './mortal-endpoint.ts';
import type { RunningPair } from './running-pair.ts';
import type { Visitor, Way } from './visitor.ts';

/** A session whose endpoint has died, and what it saw so far. */
export interface EndpointDeath {
  readonly visitor: Visitor;
  /** The same session with the cookies from before. */
  readonly twin: Visitor;
  readonly dead: MortalEndpoint;
  /** To the requests at the moment of the death. */
  readonly burst: readonly Answer[];
  /** To the requests after them. */
  readonly afterwards: readonly Answer[];
}

/** Two through each proxy. */
const CALM_REQUESTS = 4;
const DEADLINE_MS = 10_000;
const RETRY_MS = 20;

/** Opens a session, lets its endpoint die, and asks `parallel` times at that moment. */
export async function killEndpoint(pair: RunningPair, parallel: number): Promise<EndpointDeath> {
  const visitor = pair.newVisitor();
  const dead = await endpointOf(visitor, pair, parallel);
  const twin = visitor.twin();
  dead.kill();
  const burst = await visitor.askAtOnce(parallel);
  return { visitor, twin, dead, burst, afterwards: await visitor.askInTurn(CALM_REQUESTS) };
}

/** Lets the endpoint return, and asks once more when both proxies use it again. */
export async function reviveEndpoint(pair: RunningPair, death: EndpointDeath): Promise<FailoverTrial> {
  const { visitor, twin, dead, burst, afterwards } = death;
  await dead.start();
  await Promise.all(pair.ways.map((way) => untilUsed(pair, way, dead.endpoint.id)));
  const returned = await visitor.askInTurn(CALM_REQUESTS);
  const outdated = await twin.askInTurn(CALM_REQUESTS);
  return trialOf({ dead: dead.endpoint.id, burst, afterwards, returned, outdated });
}

/** Where a session is once both proxies know it, and have as many connections to there as they will need. */
async function endpointOf(visitor: Visitor, pair: RunningPair, parallel: number): Promise<MortalEndpoint> {
  return await eventually('keep a new session on one endpoint', async () => {
    const calm = await visitor.askInTurn(CALM_REQUESTS);
    const answers = [...calm, ...(await visitor.askAtOnce(parallel))];
    const places = new Set(answers.map(({ endpoint }) => endpoint));
    return places.size === 1 ? pair.endpoints.find(({ endpoint }) => places.has(endpoint.id)) : undefined;
  });
}

/** Waits until one of the proxies gives an endpoint new sessions. */
const untilUsed = (pair: RunningPair, way: Way, id: string): Promise<true> =>
  eventually(`use ${id} again`, async () => {
    const [answer] = await pair.newVisitor([way]).askInTurn(1);
    return answer?.endpoint === id ? true : undefined;
  });

async function eventually<Result>(what: string, attempt: () => Promise<Result | undefined>): Promise<Result> {
  const giveUpAtMs = systemClock.elapsed() + DEADLINE_MS;
  while (systemClock.elapsed() < giveUpAtMs) {
    const result = await attempt();
    if (result !== undefined) return result;
    await sleep(systemClock, RETRY_MS);
  }
  throw new BenchError(`the two proxies do not ${what} within ${DEADLINE_MS / 1_000} s`);
}
