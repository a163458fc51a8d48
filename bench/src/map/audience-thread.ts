import { once } from 'node:events';
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { port, channel, size } = workerData as {
  readonly port: number;
  readonly channel: string;
  readonly size: number;
};

await Promise.all(Array.from({ length: size }, subscribe));
parentPort!.postMessage('ready');

async function subscribe(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`SUBSCRIBE ${channel}\r\n`);
  await once(socket, 'data');
  socket.resume();
}
