import { writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { Server } from 'socket.io';

/** An endpoint of a Socket.IO application, whose connections live in the memory of this process alone. */

const [id = 'endpoint', port = '0'] = process.argv.slice(2);

const server = createServer();
const io = new Server(server);
io.on('connection', (socket) => {
  socket.on('echo', (text: string, answer: (text: string, endpoint: string) => void) => answer(text, id));
});
server.listen(Number(port), '127.0.0.1', () => void writeSync(1, '{"listening":true}\n'));
