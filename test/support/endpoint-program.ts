import { writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { behaviours, progress } from './endpoint-behaviours.ts';

/**
 * An endpoint of a test: started with its id and port, it answers by path (`endpoint-behaviours.ts`) and says on
 * standard output, as JSON lines, which requests with an `X-Unique-Id` reached it and which were broken off.
 * It tells its id on every response, whatever the proxy says.
 */

const [id = 'endpoint', port = '0'] = process.argv.slice(2);
const MOVED = 'holdfast-session-moved';

/** Written at once and not by way of a stream, so that nothing is lost when the process is killed the next moment. */
const tell = (line: Readonly<Record<string, unknown>>): void =>
  void writeSync(1, `${JSON.stringify(line)}\n`);

let healthStatus = 200;

/** Paths for the test itself, which it asks past the proxy; undefined for any other. */
function control(path: string, parameters: URLSearchParams): string | undefined {
  switch (path) {
    case '/control/health':
      healthStatus = Number(parameters.get('status'));
      return 'done';
    case '/control/open-gate':
      progress.openGate();
      return 'done';
    case '/control/bytes-sent':
      return String(progress.bytesSent);
    default:
      return undefined;
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://endpoint');
  const told = control(pathname, searchParams);
  if (told !== undefined) {
    response.end(told);
    return;
  }
  response.setHeader('X-Served-By', id);
  if (pathname === '/healthz') {
    response.writeHead(healthStatus, { 'X-Process': process.pid }).end();
    return;
  }
  note(request, response);
  const moved = request.headers[MOVED];
  if (moved !== undefined) response.setHeader('X-Saw-Moved', moved);
  const behaviour = behaviours[pathname];
  if (behaviour === undefined) response.end('ok\n');
  else await behaviour(request, response, searchParams);
}

function note(request: IncomingMessage, response: ServerResponse): void {
  const uniqueId = request.headers['x-unique-id'];
  if (uniqueId === undefined) return;
  tell({ seen: uniqueId, method: request.method });
  response.once('close', () => {
    if (!response.writableFinished) tell({ brokenOff: uniqueId });
  });
}

const server = createServer((request, response) => {
  // A request that breaks off on its way in is told by `note`; there is nobody left to answer.
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
  response.writeContinue();
  void answer(request, response);
});
server.listen(Number(port), '127.0.0.1', () => tell({ listening: true }));
