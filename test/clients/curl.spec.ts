import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { authorityFile, certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import { curl, hasCurl } from '../support/curl.ts';
import { fieldNames, fieldValues, readEcho } from '../support/echo.ts';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { fileOf } from '../support/file-behaviour.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { useStage } from '../support/stage.ts';

const COUNT = 300_000;
const FILE = `/file?count=${COUNT}`;
const whole = fileOf(COUNT);

/** The body goes into the file that is named next, the head to the output. */
const INTO_FILE = ['--no-include', '-D', '-', '-o'];

const bodyOf = (output: string): string => output.slice(output.lastIndexOf('\r\n\r\n') + 4);
const echoOf = (output: string): Echo => readEcho({ body: bodyOf(output) });
const servers = (output: string): ReadonlySet<string | undefined> =>
  new Set([...output.matchAll(/^x-served-by: (.*)\r$/gim)].map(([, id]) => id));

describe.skipIf(!hasCurl)('curl', () => {
  const stage = useStage('file');
  let nodes: readonly HoldfastNode[];
  let node: HoldfastNode;
  let local: string;

  beforeAll(async () => {
    await stage().startEndpoints(4);
    nodes = await stage().startNodes(3, { storeUrl: stage().sqliteUrl() });
    node = nodes[0] as HoldfastNode;
    local = join(stage().dir, 'local');
    await writeFile(local, whole);
  });

  const expectUpload = ({ bodyLength, bodySha256 }: Echo): void =>
    expect({ bodyLength, bodySha256 }).toEqual({
      bodyLength: whole.length,
      bodySha256: createHash('sha256').update(whole).digest('hex'),
    });

  it('gets several files over one connection', async () => {
    const urls = Array.from({ length: 5 }, () => node.origin + FILE);
    const { exitCode, output } = await curl(
      ...urls.flatMap((url) => ['-o', '/dev/null', url]),
      '-w',
      'new=%{num_connects} size=%{size_download}\n',
    );
    expect(exitCode).toBe(0);
    expect(output.match(/new=\d+/g)).toEqual(['new=1', 'new=0', 'new=0', 'new=0', 'new=0']);
  });

  it('may speak HTTP/1.0, and then has the end of the connection for the end of a body', async () => {
    const { exitCode, output } = await curl('-0', `${node.origin}/bytes?count=${COUNT}&framing=chunked`);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(output).not.toMatch(/^transfer-encoding:/im);
    expect(bodyOf(output)).toBe('x'.repeat(COUNT));
  });

  it('sees the chunks of a body, the last one among them', async () => {
    const { output } = await curl('--raw', `${node.origin}/bytes?count=5&framing=chunked`);
    expect(output).toMatch(/^transfer-encoding: chunked\r$/im);
    expect(output).toMatch(/\r\n\r\n5\r\nxxxxx\r\n0\r\n\r\n$/);
  });

  it('learns of a file by HEAD what GET would tell', async () => {
    const { exitCode, output } = await curl('-I', node.origin + FILE);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(output).toMatch(new RegExp(`^content-length: ${COUNT}\\r$`, 'im'));
  });

  it.each([
    { name: 'the beginning', range: '0-99', from: 0, to: 99 },
    { name: 'the middle', range: '100000-100099', from: 100_000, to: 100_099 },
    { name: 'the rest', range: '299900-', from: 299_900, to: 299_999 },
  ])('gets a part of a file: $name', async ({ range, from, to }) => {
    const part = join(stage().dir, 'part');
    const { output } = await curl(...INTO_FILE, part, '-r', range, node.origin + FILE);
    expect(output).toMatch(/^HTTP\/1\.1 206 Partial Content\r\n/);
    expect(output).toMatch(new RegExp(`^content-range: bytes ${from}-${to}/${COUNT}\\r$`, 'im'));
    expect((await readFile(part)).equals(whole.subarray(from, to + 1))).toBe(true);
  });

  it('is told where there is no such part', async () => {
    const { output } = await curl('-r', `${COUNT}-`, node.origin + FILE);
    expect(output).toMatch(/^HTTP\/1\.1 416 /);
    expect(output).toMatch(new RegExp(`^content-range: bytes \\*/${COUNT}\\r$`, 'im'));
  });

  it('resumes a download, through another node', async () => {
    const half = join(stage().dir, 'half');
    await writeFile(half, whole.subarray(0, 123_456));
    const { exitCode } = await curl(...INTO_FILE, half, '-C', '-', nodes[1]?.origin + FILE);
    expect(exitCode).toBe(0);
    expect((await readFile(half)).equals(whole)).toBe(true);
  });

  it.each([
    { name: 'with its length', fields: [], framing: 'content-length' },
    { name: 'in chunks', fields: ['-H', 'Transfer-Encoding: chunked'], framing: 'transfer-encoding' },
  ])('uploads a file $name', async ({ fields, framing }) => {
    const { exitCode, output } = await curl('-T', local, ...fields, `${node.origin}/echo`);
    expect(exitCode).toBe(0);
    const echo = echoOf(output);
    expect(echo.method).toBe('PUT');
    expect(fieldNames(echo.headers)).toContain(framing);
    expectUpload(echo);
  });

  it('is told to go on where it asks before it uploads', async () => {
    const patient = ['--expect100-timeout', '20', '-H', 'Expect: 100-continue'];
    const { exitCode, output } = await curl(...patient, '-T', local, `${node.origin}/echo`);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expectUpload(echoOf(output));
  });

  it.each([
    { status: 303, method: 'GET', bodyLength: 0 },
    { status: 307, method: 'POST', bodyLength: 5 },
  ])('follows a $status by $method', async ({ status, method, bodyLength }) => {
    const url = `${node.origin}/respond?status=${status}&header=Location:/echo`;
    const { output } = await curl('-L', '-d', 'order', url);
    expect(echoOf(output)).toMatchObject({ method, bodyLength });
  });

  it('comes to one endpoint through all nodes with its jar of cookies, and to any without', async () => {
    const jar = join(stage().dir, 'jar');
    await curl('-c', jar, `${node.origin}/`);
    expect(await readFile(jar, 'utf8')).toMatch(
      /^#HttpOnly_127\.0\.0\.1\tFALSE\t\/\tFALSE\t0\t_srv_id\t\S+$/m,
    );
    const urls = nodes.map(({ origin }) => `${origin}/?[1-20]`);
    const kept = await curl('-Z', '-b', jar, ...urls);
    expect(kept.output.match(/^HTTP\/1\.1 200 OK\r$/gm)).toHaveLength(60);
    expect(servers(kept.output).size).toBe(1);
    const { output } = await curl(...urls);
    expect(servers(output).size).toBe(4);
  });

  it('gets an answer where it would rather speak HTTP/2', async () => {
    const { exitCode, output } = await curl('--http2', `${node.origin}/`);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^HTTP\/[\d.]+ 200/m);
  });
});

describe.skipIf(!hasCurl)('curl, introduced by a PROXY header', () => {
  const stage = useStage('file');
  const listener = { proxyProtocol: true, trustedProxies: ['127.0.0.1'] };
  const tls = { certificates: [certificateFiles('shop'), certificateFiles('other')] };

  beforeAll(async () => {
    await stage().startEndpoints(1);
    await stage().startNode({ listener });
    await stage().startNode({ listener: { ...listener, protocol: 'https', tls } });
  });

  it('is named to the endpoint', async () => {
    const { output } = await curl('--haproxy-protocol', `${stage().nodes[0]?.origin}/echo`);
    expect(fieldValues(echoOf(output).headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
  });

  it('is an empty reply without it', async () => {
    expect(await curl(`${stage().nodes[0]?.origin}/echo`)).toMatchObject({ exitCode: 52, output: '' });
  });

  it.each(['shop.test', 'other.test'])('uploads over TLS to %s, which proves its name', async (name) => {
    const port = stage().nodes[1]?.ports.port;
    const { exitCode, output } = await curl(
      '--haproxy-protocol',
      '--http1.1',
      '--resolve',
      `${name}:${port}:127.0.0.1`,
      '--cacert',
      authorityFile,
      '--data-binary',
      'a'.repeat(50_000),
      `https://${name}:${port}/echo`,
    );
    expect(exitCode).toBe(0);
    expect(echoOf(output)).toMatchObject({ method: 'POST', bodyLength: 50_000 });
    expect(fieldValues(echoOf(output).headers, 'x-forwarded-proto')).toEqual(['https']);
  });
});
