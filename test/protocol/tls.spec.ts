import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  authorityFile,
  authorityPem,
  certificateFiles,
  certificatePem,
  type TestCertificate,
} from '../../packages/proxy/src/testing/tls/certificates.ts';
import { curl, hasCurl } from '../support/curl.ts';
import { fieldValues, readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { readRawResponse } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const certificates = [certificateFiles('shop'), certificateFiles('other')];
const HTTPS = { protocol: 'https', tls: { certificates } };
const BEHIND_PROXY = { proxyProtocol: true, trustedProxies: ['127.0.0.1'] };

const bodyOf = (output: string): string => output.slice(output.lastIndexOf('\r\n\r\n') + 4);
const headersAtEndpoint = (output: string): readonly string[] => readEcho({ body: bodyOf(output) }).headers;

/** Asks a node by a name that no DNS knows, and believes only the authority of the tests. */
const curlByName = (node: HoldfastNode, name: string, path: string, ...args: readonly string[]) => {
  const { port } = node.ports;
  return curl(
    '--resolve',
    `${name}:${port}:127.0.0.1`,
    '--cacert',
    authorityFile,
    ...args,
    `https://${name}:${port}${path}`,
  );
};

describe.skipIf(!hasCurl)('an https listener, as curl sees it', () => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let behindProxy: HoldfastNode;

  beforeAll(async () => {
    await stage().startEndpoints(2);
    [node, behindProxy] = await Promise.all([
      stage().startNode({ listener: HTTPS }),
      stage().startNode({ listener: { ...HTTPS, ...BEHIND_PROXY } }),
    ]);
  });

  it.each(['shop.test', 'www.shop.test', 'other.test'])('proves to be %s', async (name) => {
    const { exitCode, output } = await curlByName(node, name, '/');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('cannot prove to be anybody else', async () => {
    expect((await curlByName(node, 'unknown.test', '/')).exitCode).toBe(60);
  });

  it('tells the endpoint that the request came over TLS, and marks its cookie Secure', async () => {
    const { output } = await curlByName(node, 'shop.test', '/echo');
    const headers = headersAtEndpoint(output);
    expect(fieldValues(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(fieldValues(headers, 'x-forwarded-port')).toEqual([String(node.ports.port)]);
    expect(fieldValues(headers, 'forwarded')[0]).toMatch(/;proto=https$/);
    expect(output).toMatch(/^set-cookie: _srv_id=[^;]+;.*; Secure/im);
  });

  it('keeps a session on its endpoint', async () => {
    const jar = join(stage().dir, 'cookies.txt');
    const servedBy = new Set<string | undefined>();
    for (let request = 0; request < 5; request++) {
      const { output } = await curlByName(node, 'shop.test', '/', '-b', jar, '-c', jar);
      servedBy.add(/^x-served-by: (.*)\r$/im.exec(output)?.[1]);
    }
    expect([...servedBy]).toEqual([expect.stringMatching(/^shop-\d$/)]);
  });

  it('passes large bodies both ways', async () => {
    const file = join(stage().dir, 'upload');
    const download = await curlByName(node, 'shop.test', '/bytes?count=8000000', '-o', file);
    expect(download.exitCode).toBe(0);
    const upload = await curlByName(node, 'shop.test', '/echo', '-H', 'Expect:', '--data-binary', `@${file}`);
    expect(readEcho({ body: bodyOf(upload.output) }).bodyLength).toBeGreaterThan(8_000_000);
  });

  it('takes a PROXY header before TLS, and nobody without one', async () => {
    const introduced = await curlByName(behindProxy, 'shop.test', '/echo', '--haproxy-protocol');
    expect(introduced.exitCode).toBe(0);
    expect(fieldValues(headersAtEndpoint(introduced.output), 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect((await curlByName(behindProxy, 'shop.test', '/')).exitCode).toBe(35);
  });
});

describe('an https listener', () => {
  const stage = useStage();

  it('shows a renewed certificate within seconds of its files', async () => {
    await stage().startEndpoints(1);
    const [cert, key] = [join(stage().dir, 'cert.pem'), join(stage().dir, 'key.pem')];
    const install = async (name: TestCertificate): Promise<void> => {
      await copyFile(certificateFiles(name).cert, cert);
      await copyFile(certificateFiles(name).key, key);
    };
    await install('shop');
    const node = await stage().startNode({
      listener: { protocol: 'https', tls: { certificates: [{ cert, key }] } },
    });
    expect(await shownBy(node)).toBe('Holdfast test shop');
    await install('shop-renewed');
    await until('the new one is shown', async () => (await shownBy(node)) === 'Holdfast test shop-renewed');
    expect(node.events.filter(({ msg }) => msg === 'certificate replaced')).not.toEqual([]);
  });

  it('that cannot read its certificate does not start, and says which file and why', async () => {
    const missing = join(stage().dir, 'missing.pem');
    const tls = { certificates: [{ cert: missing, key: certificateFiles('shop').key }] };
    const starting = stage().startNode({
      endpoints: [{ id: 'a', url: 'http://127.0.0.1:9' }],
      listener: { ...HTTPS, tls },
    });
    await expect(starting).rejects.toThrow(`listener "web": read ${missing}: ENOENT`);
  });

  it('counts its open connections, and survives those that speak no TLS', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode({ listener: HTTPS });
    const openConnections = async (): Promise<number | undefined> =>
      (await node.status()).listeners.find(({ name }) => name === 'web')?.openConnections;
    const silent = await RawConnection.open(node.ports.port);
    await until('it is counted', async () => (await openConnections()) === 1);
    const noisy = await RawConnection.open(node.ports.port);
    noisy.send(['GET / HTTP/1.1', 'Host: shop.test']);
    await noisy.untilEnded();
    expect(noisy.received).not.toContain('HTTP');
    silent.close();
    await until('none is left', async () => (await openConnections()) === 0);
    expect(await shownBy(node)).toBe('Holdfast test shop');
  });
});

describe('a listener behind a PROXY protocol', () => {
  const stage = useStage('file');
  let node: HoldfastNode;

  beforeAll(async () => {
    await stage().startEndpoints(1);
    const trustedProxies = ['127.0.0.1', '203.0.113.200'];
    node = await stage().startNode({ listener: { ...BEHIND_PROXY, trustedProxies } });
  });

  /** What the endpoint receives of a request that the proxy passes on for a client of that address. */
  const receivedOf = async (client: string, ...fields: readonly string[]): Promise<readonly string[]> => {
    const connection = await RawConnection.open(node.ports.port);
    connection.socket.write(`PROXY TCP4 ${client} 192.0.2.1 51234 443\r\n`);
    connection.send(['GET /echo HTTP/1.1', 'Host: shop.test', 'Connection: close', ...fields]);
    await connection.untilEnded();
    return readEcho(readRawResponse(connection.received)).headers;
  };

  it('names the client to the endpoint, and the port that the client asked', async () => {
    const headers = await receivedOf('203.0.113.7');
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['203.0.113.7']);
    expect(fieldValues(headers, 'x-forwarded-port')).toEqual(['443']);
  });

  it('does not believe what the client forwards, although the proxy is trusted', async () => {
    const headers = await receivedOf('203.0.113.7', 'X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https');
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['203.0.113.7']);
    expect(fieldValues(headers, 'x-forwarded-proto')).toEqual(['http']);
  });

  it('believes what a client forwards that is itself a trusted proxy', async () => {
    const headers = await receivedOf('203.0.113.200', 'X-Forwarded-For: 198.51.100.9');
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['198.51.100.9, 203.0.113.200']);
  });
});

describe('an https endpoint', () => {
  const stage = useStage();
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  const tlsEndpoint = async () => {
    let requests = 0;
    const server = createServer(certificatePem('endpoint'), (_, response) => {
      requests++;
      response.end('over TLS');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    return { address: { id: 'secure', url: `https://localhost:${port}` }, requests: () => requests };
  };

  it('that proves its name is healthy, and serves', async () => {
    const node = await stage().startNode({
      endpoints: [(await tlsEndpoint()).address],
      pool: { tls: { ca: authorityFile }, healthCheck: { interval: '50ms', healthyAfter: 1 } },
    });
    const { status, body } = await stage().client(node).send();
    expect({ status, body }).toEqual({ status: 200, body: 'over TLS' });
  });

  it('that does not is down, and is sent nothing', async () => {
    const endpoint = await tlsEndpoint();
    const node = await stage().startNode({ endpoints: [endpoint.address] });
    expect((await stage().client(node).send()).status).toBeGreaterThanOrEqual(500);
    expect(await node.standingOf('secure')).toBe('down');
    expect(node.events).toContainEqual(expect.objectContaining({ cause: 'connect-failed' }));
    expect(endpoint.requests()).toBe(0);
  });
});

/** The common name of the certificate that a node shows for shop.test. */
async function shownBy({ ports: { port } }: HoldfastNode): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'shop.test', ca: authorityPem() });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}
