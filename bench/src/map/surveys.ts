import { type EpochMs, sleep, systemClock } from '@holdfast/shared';
import type { SessionInventory, SessionQuery } from '@holdfast/store';
import { BenchError } from '../bench-error.ts';
import type { Bystander } from './bystander.ts';
import { measureEffort } from './effort.ts';
import type { MapResult, Survey } from './map-result.ts';
import { forgetCommands, type RedisLine, readLongestScriptMs } from './redis-line.ts';
import { ENDPOINTS, endpointOf } from './synthetic-sessions.ts';

export interface SurveyConditions {
  readonly sessions: number;
  readonly redisPid: number;
  readonly nowMs: EpochMs;
  readonly bystander: Bystander;
  readonly line: RedisLine;
}

const REST_MS = 2_000;
const COUNTS = 10;
const PAGE = 1_000;

/** Counts and lists all sessions, and those of one endpoint, while a bystander pings. */
export async function surveyMap(
  inventory: SessionInventory,
  { sessions, redisPid, nowMs, bystander, line }: SurveyConditions,
): Promise<Pick<MapResult, 'surveys' | 'search'>> {
  const survey = async (what: string, expected: number, work: () => Promise<number>): Promise<Survey> => {
    await forgetCommands(line);
    const { result, waitMs } = await bystander.watch(() => measureEffort(redisPid, work));
    if (result.operations !== expected)
      throw new BenchError(`${what}: ${result.operations} and not ${expected}`);
    return {
      what,
      effort: result,
      longestScriptMs: await readLongestScriptMs(line),
      longestWaitMs: waitMs.max,
    };
  };
  const one = endpointOf(0);
  const total = (counts: ReadonlyMap<string, number>): number =>
    counts.values().reduce((sum, count) => sum + count, 0);
  const atOne = (await inventory.countByEndpoint(nowMs)).get(one) ?? 0;
  const surveys = [
    await survey('nothing', 0, () => sleep(systemClock, REST_MS).then(() => 0)),
    await survey(`count by endpoint, ${COUNTS} times`, COUNTS * sessions, async () => {
      let counted = 0;
      for (let turn = 0; turn < COUNTS; turn++) counted += total(await inventory.countByEndpoint(nowMs));
      return counted;
    }),
    await survey('list all', sessions, () => listAll(inventory, {}, nowMs)),
  ];
  const search = await survey(`list those of one endpoint of ${ENDPOINTS}`, atOne, () =>
    listAll(inventory, { endpoint: one }, nowMs),
  );
  return { surveys, search };
}

async function listAll(
  inventory: SessionInventory,
  query: Pick<SessionQuery, 'endpoint'>,
  nowMs: EpochMs,
): Promise<number> {
  let listed = 0;
  let cursor: string | undefined;
  do {
    const page = await inventory.list(
      { ...query, limit: PAGE, ...(cursor !== undefined && { cursor }) },
      nowMs,
    );
    listed += page.sessions.length;
    cursor = page.next;
  } while (cursor !== undefined);
  return listed;
}
