import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { readSettings } from '../load/generator.ts';
import { MessageReader, unmaskedFrame } from '../load/websocket-frames.ts';
import type { Endpoint } from './endpoints.ts';

/** What every endpoint appends to the key of an opening handshake (RFC 6455, section 1.3). */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

for (const { id, port } of readSettings<readonly Endpoint[]>()) {
  const server = createServer({ keepAliveTimeout: 3_600_000 }, (_, response) =>
    response.setHeader('X-Served-By', id).setHeader('Content-Length', 2).end('ok'),
  );
  server.on('upgrade', (request, socket) => echo(id, request, socket));
  server.listen(port, '127.0.0.1', 4_096);
}

function echo(id: string, { headers }: IncomingMessage, socket: Duplex): void {
  const accept = createHash('sha1')
    .update(`${headers['sec-websocket-key']}${HANDSHAKE_GUID}`)
    .digest('base64');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${accept}\r\nX-Served-By: ${id}\r\n\r\n`,
  );
  const reader = new MessageReader();
  socket.on('data', (bytes: Buffer) => {
    for (const message of reader.take(bytes)) socket.write(unmaskedFrame(message));
  });
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.end());
}
