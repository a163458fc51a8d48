import { connect, type Socket } from 'node:net';
import { systemClock } from '@holdfast/shared';
import { HOST } from '../browser-request.ts';
import { printResult, readSettings } from '../generator.ts';
import { latencyOf } from '../latency.ts';
import type { PlacedLoadResult } from '../load-entry.ts';
import type { WarmSession } from '../sessions.ts';
import { MessageReader, maskedFrame } from '../websocket-frames.ts';
import type { WebSocketSettings } from '../websocket-load.ts';

/** A WebSocket of a session, after the opening handshake. */
interface Tunnel {
  readonly socket: Socket;
  readonly endpoint: string;
}

const { port, sessions, seconds, messageBytes } = readSettings<WebSocketSettings>();
const message = Buffer.alloc(messageBytes, 'kelp');
const frame = maskedFrame(message, Buffer.from([0x37, 0xfa, 0x21, 0x3d]));
const latencies: number[] = [];
let errors = 0;

const tunnels = await Promise.all(sessions.map(open));
const startMs = systemClock.elapsed();
await Promise.all(tunnels.map(exchange));
const durationMs = systemClock.elapsed() - startMs;
const result: PlacedLoadResult = {
  requests: latencies.length,
  durationMs,
  requestsPerSecond: latencies.length / (durationMs / 1_000),
  latencyMs: latencyOf(Float64Array.from(latencies)),
  errors,
  moved: tunnels.filter(({ endpoint }, index) => endpoint !== sessions[index]!.endpoint).length,
};
printResult(result);
process.exit();

function open({ cookie }: WarmSession): Promise<Tunnel> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('error', reject);
    socket.once('data', (bytes: Buffer) => {
      const head = bytes.toString('latin1');
      const endpoint = /\r\nx-served-by: *(\S+)/i.exec(head)?.[1];
      if (!head.startsWith('HTTP/1.1 101') || endpoint === undefined) return reject(new Error(head));
      resolve({ socket, endpoint });
    });
    socket.write(
      `GET /api/socket HTTP/1.1\r\nHost: ${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
        `Cookie: ${cookie}\r\n\r\n`,
    );
  });
}

/** Until the time is over and the last message has come back, or the tunnel has ended. */
function exchange({ socket }: Tunnel): Promise<void> {
  const reader = new MessageReader();
  let sentMs = 0;
  const send = (nowMs: number): void => {
    sentMs = nowMs;
    socket.write(frame);
  };
  return new Promise((resolve) => {
    socket.on('close', () => {
      errors += 1;
      resolve();
    });
    socket.on('data', (bytes: Buffer) => {
      for (const echo of reader.take(bytes)) {
        const nowMs = systemClock.elapsed();
        latencies.push(nowMs - sentMs);
        if (!echo.equals(message)) errors += 1;
        if (nowMs - startMs > seconds * 1_000) return resolve();
        send(nowMs);
      }
    });
    send(systemClock.elapsed());
  });
}
