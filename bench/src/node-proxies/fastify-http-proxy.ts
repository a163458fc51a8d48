import fastifyHttpProxy from '@fastify/http-proxy';
import { fastify, LogController } from 'fastify';
import { readSettings, stickyCookie, tlsOptions } from './sticky-cookie.ts';

const { port, accessLog, certificate, endpoints } = readSettings();
const choose = stickyCookie(endpoints);

// The framework and the plugin would log four lines a request; the hook below logs one, as all contenders do.
const logController = new LogController({ disableRequestLogging: true });
const https = certificate && { https: tlsOptions(certificate) };
const app = fastify({ logger: accessLog, logController, keepAliveTimeout: 75_000, ...https });
app.decorateRequest('endpoint', '');
app.addHook('onRequest', (request, reply, done) => {
  const { endpoint, setCookie } = choose(request.headers.cookie);
  request.setDecorator('endpoint', endpoint);
  if (setCookie !== undefined) reply.header('Set-Cookie', setCookie);
  done();
});
if (accessLog) {
  app.addHook('onResponse', (request, reply, done) => {
    const endpoint = request.getDecorator<string>('endpoint');
    request.log.info(
      { method: request.method, target: request.url, status: reply.statusCode, endpoint },
      'request',
    );
    done();
  });
}
await app.register(fastifyHttpProxy, {
  upstream: '',
  disableRequestLogging: true,
  undici: { connections: 256 },
  replyOptions: {
    getUpstream: (request) => request.getDecorator<string>('endpoint'),
    // The library hands over a copy of the headers that may be changed.
    rewriteRequestHeaders: (request, headers) => {
      headers['x-forwarded-for'] = request.ip;
      headers['x-forwarded-proto'] = request.protocol;
      return headers;
    },
  },
});
await app.listen({ port, host: '127.0.0.1' });
