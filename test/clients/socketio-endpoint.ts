import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

/**
 * An endpoint of a Socket.IO application, whose connections live in the memory of this process alone. It tells on
 * standard output which requests named a connection that it does not have.
 */

const [id = 'endpoint', port = '0'] = process.argv.slice(2);

const tell = (line: Readonly<Record<string, unknown>>): void =>
  void writeSync(1, `${JSON.stringify(line)}\n`);

/** `/control/storm?events=` sends so many events to everybody who is connected here. */
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://endpoint');
  if (pathname === '/control/storm')
    for (let event = 0; event < Number(searchParams.get('events')); event++) io.emit('storm', event);
  response.setHeader('X-Served-By', id).end();
});

const io = new Server(server);
io.engine.on('connection_error', ({ message }: Error) => tell({ refused: message }));
io.on('connection', (socket) => {
  socket.on('echo', (text: string, answer: (text: string, endpoint: string) => void) => answer(text, id));
});
server.listen(Number(port), '127.0.0.1', () => tell({ listening: true }));
