import { clusterName, systemClock, systemRandom } from '@holdfast/shared';
import { openRedisStore } from '@holdfast/store/redis';
import { printResult, readSettings } from '../load/generator.ts';
import { readTreeMemory } from '../machine/memory.ts';
import { Audience } from './audience.ts';
import { Bystander } from './bystander.ts';
import { type Effort, inParallel, measureEffort } from './effort.ts';
import { hearNews } from './hearing.ts';
import {
  AUDIENCE,
  type MapNodeSettings,
  type MapResult,
  MEMBERS,
  type MemoryReading,
  OPERATIONS,
  type Operation,
} from './map-result.ts';
import { MapUnderTest } from './map-under-test.ts';
import { MembersUnderTest } from './members-under-test.ts';
import { nearCacheBytesPerEntry } from './near-cache-memory.ts';
import { RedisLine, readUsedMemory } from './redis-line.ts';
import { surveyMap } from './surveys.ts';

const CLUSTER = clusterName('bench');
const CHANGES_CHANNEL = `hf:{${CLUSTER}}:changes`;
const SLICES = 20;
/** A machine that is full to the brim answers late; nothing here is about deadlines. */
const COMMAND_TIMEOUT_MS = 10_000;

const settings = readSettings<MapNodeSettings>();
const { port, redisPid, sessions, rounds, seconds } = settings;
const store = await openRedisStore({
  url: `redis://127.0.0.1:${port}`,
  cluster: CLUSTER,
  clock: systemClock,
  random: systemRandom(),
  commandTimeoutMs: COMMAND_TIMEOUT_MS,
});
const map = new MapUnderTest(store, systemClock.now(), settings);
const members = new MembersUnderTest(store.membership, redisPid);
using line = await RedisLine.open(port);

const { fill, readings } = await fillUp();
const processBytesPerSession = readTreeMemory(redisPid) / sessions;
const { operations, hearing } = await playRounds();
await using bystander = await Bystander.start(port);
const { surveys, search } = await surveyMap(store.inventory, {
  sessions,
  redisPid,
  nowMs: map.nowMs,
  bystander,
  line,
});
const result: MapResult = {
  readings,
  processBytesPerSession,
  fill,
  operations,
  hearing,
  surveys,
  search,
  nearCacheBytesPerEntry: await nearCacheBytesPerEntry(store, sessions, map.nowMs),
};
printResult(result);
process.exit();

async function fillUp() {
  const emptyBytes = await readUsedMemory(line);
  const efforts: Effort[] = [];
  const measured: MemoryReading[] = [];
  const slice = Math.ceil(sessions / SLICES);
  for (let present = 0; present < sessions; ) {
    const count = Math.min(slice, sessions - present);
    efforts.push(await map.fill(count));
    present += count;
    const bytesPerSession = ((await readUsedMemory(line)) - emptyBytes) / present;
    measured.push({ sessions: present, bytesPerSession });
  }
  return { fill: efforts, readings: measured };
}

async function playRounds() {
  const efforts = Object.fromEntries(OPERATIONS.map((name) => [name, [] as Effort[]])) as Record<
    Operation,
    Effort[]
  >;
  const heard: Effort[] = [];
  await members.gather(MEMBERS);
  for (let round = 1; round <= rounds; round++) {
    for (const name of OPERATIONS) efforts[name].push(await perform(name));
    heard.push(await hearNews(store, line, CHANGES_CHANNEL, redisPid));
  }
  return { operations: efforts, hearing: heard };
}

async function perform(name: Operation): Promise<Effort> {
  switch (name) {
    case 'repin heard': {
      await using _ = await Audience.gather(port, CHANGES_CHANNEL, AUDIENCE);
      return await map.repin(forSomeSeconds());
    }
    case 'count':
      return measureEffort(redisPid, () =>
        inParallel(1, forSomeSeconds(), () => store.inventory.countByEndpoint(map.nowMs)),
      );
    case 'member round':
      return members.rounds(forSomeSeconds());
    default:
      return map[name](forSomeSeconds());
  }
}

function forSomeSeconds(): () => boolean {
  const endMs = systemClock.elapsed() + seconds * 1_000;
  return () => systemClock.elapsed() < endMs;
}
