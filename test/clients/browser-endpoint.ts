import { readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { behaviours } from '../support/endpoint-behaviours.ts';
import { sendNumberedEvents } from './numbered-events.ts';

/**
 * An endpoint of a website: a page with what belongs to it, a form, a cookie of its own, caching, WebSockets that echo,
 * events, and the behaviours that every endpoint of the tests has. It tells on standard output what reached it.
 */

const [id = 'endpoint', port = '0'] = process.argv.slice(2);

const read = (file: string): Buffer => readFileSync(new URL(`browser/${file}`, import.meta.url));
const PAGE = read('page.html');
const SCRIPT = read('page.js');
const PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle r="4"/></svg>';
const ASSETS: Readonly<Record<string, readonly [type: string, body: string]>> = {
  css: ['text/css', 'body { color: teal }'],
  js: ['text/javascript', '/* late */'],
  svg: ['image/svg+xml', PICTURE],
};

const tell = (line: Readonly<Record<string, unknown>>): void =>
  void writeSync(1, `${JSON.stringify(line)}\n`);

type Handler = (request: IncomingMessage, response: ServerResponse, parameters: URLSearchParams) => unknown;

const handlers: Readonly<Record<string, Handler>> = {
  ...behaviours,
  '/': (_, response) =>
    response.setHeader('Content-Type', 'text/html').setHeader('Set-Cookie', 'cart=open; Path=/').end(PAGE),
  '/page.js': (_, response) => response.setHeader('Content-Type', 'text/javascript').end(SCRIPT),
  '/fresh': (_, response) => response.setHeader('Cache-Control', 'max-age=600').end('fresh'),
  '/validated': (request, response) => {
    response.setHeader('ETag', '"v1"').setHeader('Cache-Control', 'no-cache');
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else response.end('version one');
  },
  '/order': async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    response.writeHead(303, { Location: `/thanks?${body}` }).end();
  },
  '/thanks': (_, response, parameters) =>
    response
      .setHeader('Content-Type', 'text/html')
      .end(`<link rel="icon" href="data:,"><title>Thanks for ${parameters.get('what')}</title>`),
  '/numbered-events': (_, response, parameters) =>
    sendNumberedEvents(response, Number(parameters.get('everyMs'))),
};

function serve(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://endpoint');
  const { cookie, 'holdfast-session-moved': moved, 'if-none-match': ifNoneMatch } = request.headers;
  response.setHeader('X-Served-By', id);
  if (pathname === '/healthz') {
    response.end();
    return;
  }
  tell({ seen: pathname, method: request.method, cookie, moved, ifNoneMatch });
  const handler = handlers[pathname] ?? asset;
  Promise.resolve(handler(request, response, searchParams)).catch(() => response.destroy());
}

function asset({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const [type, body] = ASSETS[url.split('.').at(-1) ?? ''] ?? [];
  if (type === undefined) response.writeHead(404).end();
  else response.setHeader('Content-Type', type).end(body);
}

const server = createServer(serve);
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket, { headers: { cookie } }) => {
  tell({ opened: true, cookie });
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(Number(port), '127.0.0.1', () => tell({ listening: true }));
