import { Agent, createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import httpProxy from 'http-proxy';
import { readSettings, stickyCookie, tlsOptions } from './sticky-cookie.ts';

const { port, accessLog, certificate, endpoints } = readSettings();
const choose = stickyCookie(endpoints);
// Given as text, the library would parse the target anew for every request.
const targets = new Map(endpoints.map((endpoint) => [endpoint, targetOf(new URL(endpoint))]));
const proxy = httpProxy.createProxyServer({
  agent: new Agent({ keepAlive: true, maxSockets: 256 }),
  xfwd: true,
});

const handle: RequestListener = (request, response) => {
  const { endpoint, setCookie } = choose(request.headers.cookie);
  if (setCookie !== undefined) response.setHeader('Set-Cookie', setCookie);
  if (accessLog) {
    response.once('finish', () => {
      const line = {
        time: new Date(),
        method: request.method,
        target: request.url,
        status: response.statusCode,
        endpoint,
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    });
  }
  proxy.web(request, response, { target: targets.get(endpoint) }, () => response.writeHead(502).end());
};

const options = { keepAliveTimeout: 75_000 };
const server =
  certificate === undefined
    ? createHttpServer(options, handle)
    : createHttpsServer({ ...options, ...tlsOptions(certificate) }, handle);
server.on('upgrade', (request, socket, head) => {
  const { endpoint } = choose(request.headers.cookie);
  proxy.ws(request, socket, head, { target: targets.get(endpoint) }, () => socket.destroy());
});
server.listen(port, '127.0.0.1');

function targetOf({ protocol, host, hostname, port: endpointPort }: URL) {
  return { protocol, host, hostname, port: endpointPort };
}
