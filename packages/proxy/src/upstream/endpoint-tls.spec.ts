import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { Ticker } from '@holdfast/shared';
import type { EndpointTlsConfig } from '@holdfast/shared/config';
import { ManualClock } from '@holdfast/shared/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { httpProbe } from '../probe/http-probe.ts';
import { healthCheck } from '../testing/test-pool.ts';
import {
  authorityFile,
  authorityPem,
  certificateFiles,
  certificatePem,
  type TestCertificate,
} from '../testing/tls/certificates.ts';
import { UpstreamLog, upstreamHead } from '../testing/upstream-log.ts';
import { EndpointConnections } from './endpoint-connections.ts';
import { openEndpointTls } from './endpoint-tls.ts';

const closing: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** An endpoint that says by which name it was asked for, and who asked. */
async function tlsEndpoint(certificate: TestCertificate, options: TlsOptions = {}): Promise<number> {
  const server = createServer({ ...certificatePem(certificate), ...options }, (request, response) => {
    const socket = request.socket as TLSSocket & { servername?: string | false };
    const client = socket.getPeerCertificate().subject?.CN ?? 'nobody';
    response.end(`${socket.servername || 'no name'}, ${client}, ${socket.alpnProtocol}`);
  });
  return listening(server);
}

const connectionsTo = async (
  origin: string,
  tls?: Partial<EndpointTlsConfig>,
): Promise<EndpointConnections> => {
  const connections = new EndpointConnections({
    origin,
    tls: tls && (await openEndpointTls({ verify: true, ...tls })),
    connectTimeoutMs: 60_000,
    responseTimeoutMs: 60_000,
    idleTimeoutMs: 60_000,
    ticker: new Ticker(new ManualClock(), 100),
  });
  closing.push(() => connections.close());
  return connections;
};

const ask = (connections: EndpointConnections): Promise<UpstreamLog> => {
  const log = new UpstreamLog();
  connections.request(upstreamHead(), log).start();
  return log.over();
};

const TRUSTED = { ca: authorityFile };

describe('an https endpoint', () => {
  it('answers, asked by name and for HTTP/1.1, on a connection that is kept', async () => {
    const port = await tlsEndpoint('endpoint');
    const connections = await connectionsTo(`https://localhost:${port}`, TRUSTED);
    for (let request = 0; request < 2; request++) {
      expect(await ask(connections)).toMatchObject({ status: 200, body: 'localhost, nobody, http/1.1' });
    }
  });

  it('is asked for no name where its URL has an address, and proves the address', async () => {
    const port = await tlsEndpoint('endpoint');
    const { body } = await ask(await connectionsTo(`https://127.0.0.1:${port}`, TRUSTED));
    expect(body).toBe('no name, nobody, http/1.1');
  });

  it('is asked for the name of the configuration, and proves that one', async () => {
    const port = await tlsEndpoint('shop');
    const { body } = await ask(
      await connectionsTo(`https://127.0.0.1:${port}`, { ...TRUSTED, serverName: 'shop.test' }),
    );
    expect(body).toBe('shop.test, nobody, http/1.1');
  });

  it('is shown the certificate of this node, where it has one', async () => {
    const port = await tlsEndpoint('endpoint', {
      ca: authorityPem(),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const tls = { ...TRUSTED, ...certificateFiles('node') };
    const { body } = await ask(await connectionsTo(`https://localhost:${port}`, tls));
    expect(body).toBe('localhost, Holdfast test node, http/1.1');
  });

  it('need not prove anything where that is switched off', async () => {
    const port = await tlsEndpoint('stranger');
    expect(await ask(await connectionsTo(`https://127.0.0.1:${port}`, { verify: false }))).toMatchObject({
      status: 200,
    });
  });
});

describe('an endpoint that cannot prove its name', () => {
  it.each<
    [name: string, certificate: TestCertificate, tls: Partial<EndpointTlsConfig> | undefined, why: RegExp]
  >([
    ['of an authority that is not trusted', 'endpoint', undefined, /unable to verify|unable to get/],
    ['signed by itself', 'stranger', TRUSTED, /self-signed/],
    [
      'for another name',
      'other',
      TRUSTED,
      /Host: localhost\. is not in the cert's altnames: DNS:other\.test/,
    ],
    [
      'for its address but not for the name it is asked for',
      'endpoint',
      { ...TRUSTED, serverName: 'shop.test' },
      /shop\.test/,
    ],
  ])('because its certificate is %s gets no request', async (_, certificate, tls, why) => {
    const port = await tlsEndpoint(certificate);
    const { error, progress } = await ask(await connectionsTo(`https://localhost:${port}`, tls));
    expect(error).toMatchObject({ code: 'UPSTREAM_CONNECT_FAILED', message: expect.stringMatching(why) });
    expect(error?.message).toContain(`connect to https://localhost:${port}: `);
    expect(progress).toBe('nothing-sent');
  });

  it('because it speaks no TLS gets no request, and the message says so', async () => {
    const port = await listening(createHttpServer((_, response) => response.end('plain')));
    const { error } = await ask(await connectionsTo(`https://127.0.0.1:${port}`, TRUSTED));
    expect(error).toMatchObject({
      code: 'UPSTREAM_CONNECT_FAILED',
      message: `connect to https://127.0.0.1:${port}: TLS: wrong version number`,
    });
  });
});

describe('the probe of an https endpoint', () => {
  const probe = async (port: number, tls?: Partial<EndpointTlsConfig>, host = 'localhost') => {
    const ask = httpProbe(tls && (await openEndpointTls({ verify: true, ...tls })));
    return (await ask(`https://${host}:${port}`, healthCheck)).result;
  };

  it('passes one that proves its name', async () => {
    const port = await tlsEndpoint('endpoint');
    expect(await probe(port, TRUSTED)).toBe('passed');
  });

  it('fails one that does not', async () => {
    const [unknown, otherName] = [await tlsEndpoint('endpoint'), await tlsEndpoint('other')];
    expect(await probe(unknown)).toBe('failed');
    expect(await probe(otherName, TRUSTED)).toBe('failed');
  });

  it('asks for the name of the configuration', async () => {
    const port = await tlsEndpoint('shop');
    expect(await probe(port, { ...TRUSTED, serverName: 'shop.test' }, '127.0.0.1')).toBe('passed');
    expect(await probe(port, { ...TRUSTED, serverName: 'other.test' }, '127.0.0.1')).toBe('failed');
  });
});

describe('the files of a pool', () => {
  it.each([
    ['an authority that is not there', { ca: '/nowhere/ca.pem' }, /^read \/nowhere\/ca\.pem: ENOENT/],
    ['an authority that is no certificate', { ca: certificateFiles('node').key }, /^use .*node-key\.pem: /],
    [
      'a key that is that of another certificate',
      { cert: certificateFiles('node').cert, key: certificateFiles('shop').key },
      /^use .*node\.pem, .*shop-key\.pem: .*mismatch/,
    ],
  ])('are refused at start with %s', async (_, tls, message) => {
    await expect(openEndpointTls({ verify: true, ...tls })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(message),
    });
  });
});
