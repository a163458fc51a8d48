import { writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { endNumberedEvents, sendNumberedEvents } from './numbered-events.ts';

/**
 * An endpoint with live connections: WebSockets that echo, server-sent events and long polls that wait for
 * `/control/emit`. It tells on standard output which requests reached it and how its connections ended.
 */

const [id = 'endpoint', port = '0'] = process.argv.slice(2);

/** Written at once and not by way of a stream, so that nothing is lost when the process is killed the next moment. */
const tell = (line: Readonly<Record<string, unknown>>): void =>
  void writeSync(1, `${JSON.stringify(line)}\n`);

const urlOf = ({ url }: IncomingMessage): URL => new URL(url ?? '/', 'http://endpoint');

/** Whoever waits for the next event. */
const waiting = new Set<(text: string) => void>();

/** WebSockets that read nothing until `/control/open-gate`. */
const gated = new Set<WebSocket>();

function wait(response: ServerResponse, path: string, onEvent: (text: string) => void): void {
  waiting.add(onEvent);
  tell({ waiting: path });
  response.once('close', () => {
    waiting.delete(onEvent);
    if (!response.writableFinished) tell({ left: path });
  });
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = urlOf(request);
  if (!pathname.startsWith('/control/'))
    tell({ seen: pathname, upgrade: request.headers.upgrade, requestId: request.headers['x-request-id'] });
  response.setHeader('X-Served-By', id);
  switch (pathname) {
    case '/control/emit':
      for (const onEvent of [...waiting]) onEvent(searchParams.get('text') ?? '');
      response.end();
      break;
    case '/control/open-gate':
      for (const socket of gated) socket.resume();
      response.end();
      break;
    case '/control/end-numbered-events':
      endNumberedEvents();
      response.end();
      break;
    case '/numbered-events':
      sendNumberedEvents(response, Number(searchParams.get('everyMs')));
      break;
    case '/events':
      response.setHeader('Content-Type', 'text/event-stream').flushHeaders();
      wait(response, pathname, (text) => void response.write(`data: ${text}\n\n`));
      break;
    case '/poll':
      wait(response, pathname, (text) => void response.end(text));
      break;
    case '/switch-unasked':
      request.socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      );
      break;
    default:
      response.writeHead(Number(searchParams.get('status') ?? 200)).end(`${pathname} at ${id}`);
  }
}

function converse(socket: WebSocket, request: IncomingMessage): void {
  const { pathname, searchParams } = urlOf(request);
  tell({ opened: pathname, moved: request.headers['holdfast-session-moved'] });
  socket.on('close', (code, reason) => tell({ closed: code, reason: reason.toString() }));
  socket.on('pong', (data) => tell({ pong: data.toString() }));
  if (pathname === '/gate') {
    gated.add(socket);
    socket.pause();
  }
  if (pathname === '/ping') socket.ping('are you there');
  if (pathname === '/close') socket.close(Number(searchParams.get('code')), searchParams.get('reason') ?? '');
  else socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

const sockets = new WebSocketServer({ noServer: true });
sockets.on('headers', (lines) => lines.push(`X-Served-By: ${id}`));

// A refused upgrade is an ordinary request, after which this server goes on to read requests from the connection.
const server = createServer(
  { shouldUpgradeCallback: (request) => urlOf(request).pathname !== '/refuse' },
  serve,
);
server.on('upgrade', (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (opened) => converse(opened, request));
});
server.on('clientError', (_error, socket) => {
  tell({ garbage: true });
  socket.destroy();
});
server.listen(Number(port), '127.0.0.1', () => tell({ listening: true }));
