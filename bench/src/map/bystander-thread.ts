import { parentPort, workerData } from 'node:worker_threads';
import { sleep, systemClock } from '@holdfast/shared';
import { latencyOf } from '../load/latency.ts';
import { RedisLine } from './redis-line.ts';

const PAUSE_MS = 1;

const { port } = workerData as { readonly port: number };
const line = await RedisLine.open(port);
let waits: number[] = [];

parentPort!.on('message', () => {
  parentPort!.postMessage(latencyOf(Float64Array.from(waits)));
  waits = [];
});
parentPort!.postMessage('ready');

for (;;) {
  const askedAtMs = systemClock.elapsed();
  await line.ask('PING');
  waits.push(systemClock.elapsed() - askedAtMs);
  await sleep(systemClock, PAUSE_MS);
}
