import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { sleep, systemClock } from '@holdfast/shared';
import { AnswerReader } from '../answer-reader.ts';
import { printResult, readSettings } from '../generator.ts';
import { latencyOf } from '../latency.ts';
import { Schedule } from '../open-loop.ts';
import type { OpenLoopResult, OpenLoopSettings } from '../open-loop-load.ts';

/** One request at a time on a kept connection. */
interface Connection {
  readonly socket: Socket;
  readonly reader: AnswerReader;
  /** When the request that has no answer yet was due. */
  dueMs: number;
}

const ANSWER_DEADLINE_MS = 2_000;
/** Until the generator itself runs at its full speed; latencies before that are not told. */
const LEAD_IN_SECONDS = 0.5;

const { port, requestsFile, connections, ratePerSecond, seconds } = readSettings<OpenLoopSettings>();
const requests = readFileSync(requestsFile, 'latin1')
  .split('\0')
  .map((text) => Buffer.from(text, 'latin1'));
const latencies: number[] = [];
const delays: number[] = [];
/** In the order in which they became free, so that all are used in turn. */
const free: Connection[] = [];
let sent = 0;
let answered = 0;
let errors = 0;

await Promise.all(Array.from({ length: connections }, open));
const startMs = systemClock.elapsed();
const measuredFromMs = startMs + LEAD_IN_SECONDS * 1_000;
const schedule = new Schedule(startMs, ratePerSecond, LEAD_IN_SECONDS + seconds);
await untilSent();
await untilAnswered();
const durationMs = systemClock.elapsed() - startMs;
const result: OpenLoopResult = {
  requests: answered,
  durationMs,
  requestsPerSecond: answered / (durationMs / 1_000),
  latencyMs: latencyOf(Float64Array.from(latencies)),
  errors: errors + sent - answered,
  delayMs: latencyOf(Float64Array.from(delays)),
};
printResult(result);
process.exit();

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: { buffer: Buffer.allocUnsafe(65_536), callback: (length, bytes) => receive(length, bytes) },
    });
    const connection: Connection = { socket, reader: new AnswerReader(), dueMs: 0 };
    const receive = (length: number, bytes: Uint8Array): boolean => {
      complete(connection, (bytes as Buffer).subarray(0, length));
      return true;
    };
    socket.on('error', reject);
    socket.once('connect', () => {
      free.push(connection);
      resolve();
    });
  });
}

function complete(connection: Connection, bytes: Buffer): void {
  const answer = connection.reader.take(bytes);
  if (answer === undefined) return;
  if (connection.dueMs >= measuredFromMs) latencies.push(systemClock.elapsed() - connection.dueMs);
  answered += 1;
  if (answer.status !== 200) errors += 1;
  free.push(connection);
}

/** Looks at the clock over and over: a timer would be a millisecond late. */
function untilSent(): Promise<void> {
  return new Promise((resolve) => {
    const turn = (): void => {
      while (free.length > 0) {
        const nowMs = systemClock.elapsed();
        const dueMs = schedule.takeDue(nowMs);
        if (dueMs === undefined) break;
        send(free.shift()!, dueMs, nowMs);
      }
      if (schedule.isOver) return resolve();
      setImmediate(turn);
    };
    turn();
  });
}

function send(connection: Connection, dueMs: number, nowMs: number): void {
  if (dueMs >= measuredFromMs) delays.push(nowMs - dueMs);
  connection.dueMs = dueMs;
  connection.socket.write(requests[sent % requests.length]!);
  sent += 1;
}

async function untilAnswered(): Promise<void> {
  const giveUpAtMs = systemClock.elapsed() + ANSWER_DEADLINE_MS;
  while (answered < sent && systemClock.elapsed() < giveUpAtMs) await sleep(systemClock, 1);
}
