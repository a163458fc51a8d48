import { join } from 'node:path';
import type { Contender } from '../contenders/contender.ts';
import { answerOfBytes, chunkedAnswerToBody, smallAnswer, smallAnswerToBody } from '../endpoints/answers.ts';
import { startEndpoints } from '../endpoints/endpoints.ts';
import { type Conditions, type Entrant, startEntrant } from '../entrant.ts';
import { cookieHeader } from '../load/browser-request.ts';
import { applyLoad, type Load, writeRequests } from '../load/load.ts';
import {
  bulkColumns,
  closedLoopColumns,
  describeLoad,
  describeTrial,
  loadNotes,
} from '../load/load-columns.ts';
import { loadEntry } from '../load/load-entry.ts';
import type { Traffic } from '../load/traffic.ts';
import { NGINX, OPENSSL, WRK } from '../machine/programs.ts';
import type { Column } from '../report/columns.ts';
import type { Entry } from '../rounds.ts';
import type { Scale } from '../scale.ts';
import type { LoadTrial } from '../trial.ts';
import { type BenchCase, benchCase } from './bench-case.ts';

/** Requests of sessions, as many at once as there are connections, as fast as the proxy takes them. */
interface HttpCase {
  readonly name: string;
  readonly summary: string;
  readonly traffic: Traffic;
  /** What differs from {@link SCALE}. */
  readonly scale?: Partial<Scale>;
  /** Default: those of small requests. */
  readonly columns?: readonly Column<LoadTrial>[];
}

const SCALE: Scale = { rounds: 3, seconds: 2, warmUpSeconds: 2, connections: 64, sessions: 2_000 };

const KIB = 1_024;
const MIB = 1_024 * KIB;

const CASES: readonly HttpCase[] = [
  {
    name: 'warm',
    summary: 'small GETs of sessions that the proxy knows',
    traffic: { answering: smallAnswer },
    scale: { rounds: 10, seconds: 3, warmUpSeconds: 4, sessions: 5_000 },
  },
  {
    name: 'new-session',
    summary: 'small GETs without the cookie of the proxy, each of which opens a session',
    traffic: { answering: smallAnswer, opensSessions: true },
  },
  {
    name: '10k',
    summary: 'answers of 10 KiB',
    traffic: { answering: answerOfBytes(10 * KIB) },
    scale: { sessions: 1_000 },
  },
  {
    name: '1m',
    summary: 'answers of 1 MiB',
    traffic: { answering: answerOfBytes(MIB) },
    scale: { sessions: 200 },
    columns: bulkColumns(MIB),
  },
  {
    name: 'tcp',
    summary: 'answers of 1 MiB through proxies that carry bytes and read no request',
    traffic: { answering: answerOfBytes(MIB), passesThrough: true },
    scale: { sessions: 200 },
    columns: bulkColumns(MIB),
  },
  {
    name: '100k-upload',
    summary: 'POSTs of 100 KiB, answered when all has arrived',
    traffic: { body: { bytes: 100 * KIB }, answering: smallAnswerToBody },
    scale: { sessions: 200 },
    columns: bulkColumns(100 * KIB),
  },
  {
    name: 'chunked',
    summary: 'POSTs and answers of 10 KiB, both in chunks of 1 KiB',
    traffic: { body: { bytes: 10 * KIB, chunkBytes: KIB }, answering: chunkedAnswerToBody(10 * KIB) },
    scale: { sessions: 1_000 },
  },
  {
    name: 'tls',
    summary: 'the warm case over TLS 1.3',
    traffic: { answering: smallAnswer, secure: true },
  },
  {
    name: 'tls-handshake',
    summary: 'the same with a new connection and a full handshake for each request',
    traffic: { answering: smallAnswer, secure: true, closes: true },
  },
];

/** The cases that wrk puts load on. */
export const httpCases: readonly BenchCase[] = CASES.map(
  ({ name, summary, traffic, scale, columns = closedLoopColumns('request') }) =>
    benchCase({
      name,
      summary,
      scale: { ...SCALE, ...scale },
      programs: traffic.secure ? [WRK, NGINX, OPENSSL] : [WRK, NGINX],
      secure: traffic.secure ?? false,
      passesThrough: traffic.passesThrough ?? false,
      startEndpoints: (directory, cores) => startEndpoints(directory, cores, traffic.answering),
      enter: (contender, conditions) => enter(contender, traffic, conditions),
      columns,
      describeTrial,
      describe: describeLoad,
      notes: loadNotes,
    }),
);

/** Starts a contender with warm sessions, and puts load on it as fast as it takes it. */
export async function enter(
  contender: Contender,
  traffic: Traffic,
  conditions: Conditions,
): Promise<Entry<LoadTrial>> {
  const entrant = await startEntrant(contender, traffic, conditions);
  const load = prepareLoad(entrant, traffic, conditions);
  const entry = await loadEntry(entrant, conditions, (seconds) => applyLoad({ ...load, seconds }));
  await applyLoad({ ...load, seconds: conditions.warmUpSeconds });
  return entry;
}

/** Writes the requests of an entrant's sessions down. */
export function prepareLoad(entrant: Entrant, traffic: Traffic, conditions: Conditions): Load {
  const requestsFile = join(entrant.setup.directory, 'requests');
  const sessions = traffic.opensSessions
    ? entrant.sessions.map((session, index) => ({ ...session, cookie: cookieHeader(index) }))
    : entrant.sessions;
  writeRequests(requestsFile, sessions, traffic);
  return {
    cores: conditions.cores.rest,
    origin: entrant.origin,
    requestsFile,
    connections: conditions.connections,
    seconds: conditions.seconds,
    answerBytes: traffic.answering.bytes,
  };
}
