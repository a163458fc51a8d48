import { spawnSync } from 'node:child_process';
import { copyFile, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CookieJar } from '../support/cookie-jar.ts';
import type { ClientRequest, HttpClient } from '../support/http-client.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { type EndpointPlan, ProgramEndpoint } from './program-endpoint.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLE = join(ROOT, 'docs/examples/hand-over');

/** What runs an example on a port, with its sessions in that Redis. */
type Program = (dir: string, port: number, redisUrl: string) => EndpointPlan;

const express: Program = (dir, port, redisUrl) => ({
  command: process.execPath,
  args: [join(dir, 'app.js')],
  env: { PORT: String(port), REDIS_URL: redisUrl },
});

const php: Program = (_dir, port, redisUrl) => ({
  command: 'php',
  args: [
    ...['-d', 'session.save_handler=redis'],
    ...['-d', `session.save_path=${redisUrl.replace('redis:', 'tcp:')}?prefix=shop:session:`],
    ...['-S', `127.0.0.1:${port}`, join(EXAMPLE, 'app.php')],
  ],
});

/** What an example answers of a session. */
interface Answer {
  readonly port: string;
  readonly user?: string;
  readonly lines?: readonly string[];
}

const formOf = (path: string, fields: Readonly<Record<string, string>>): ClientRequest => ({
  method: 'POST',
  path,
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams(fields).toString(),
});

/** Three processes of an example behind two nodes, and a client who asks one node after the other. */
function useExample(program: Program, affinity: ConfigPart) {
  const stage = useStage('file');
  const endpoints: ProgramEndpoint[] = [];
  const jar = new CookieJar();
  let clients: readonly HttpClient[] = [];
  let asked = 0;

  beforeAll(async () => {
    const { dir } = stage();
    const redis = await stage().startRedis();
    for (const file of ['app.js', 'package.json']) await copyFile(join(EXAMPLE, file), join(dir, file));
    await symlink(join(ROOT, 'test/node_modules'), join(dir, 'node_modules'));
    const ids = ['shop-1', 'shop-2', 'shop-3'];
    const started = ids.map((id) => ProgramEndpoint.startAs(id, (port) => program(dir, port, redis.url)));
    endpoints.push(...(await Promise.all(started)));
    const addresses = endpoints.map(({ address }) => address);
    const nodes = await stage().startNodes(2, { endpoints: addresses, storeUrl: redis.url, affinity });
    clients = stage().clients(nodes);
  });

  afterAll(() => Promise.all(endpoints.map((endpoint) => endpoint.kill())));

  const send = (wanted: ClientRequest) => jar.visit(clients[asked++ % 2] as HttpClient, wanted);
  const ask = async (): Promise<Answer> => JSON.parse((await send({ path: '/' })).response.body) as Answer;
  const at = ({ port }: Answer): ProgramEndpoint =>
    endpoints.find(({ address }) => address.url.endsWith(`:${port}`)) as ProgramEndpoint;
  const operate = (path: string, method: string, body?: object): Promise<Response> =>
    fetch(`${stage().nodes[0]?.adminOrigin}${path}`, { method, body: JSON.stringify(body ?? {}) });

  return {
    /** Every word of a move that endpoints have had, when all of them have ended. */
    movesInAll: async (): Promise<readonly unknown[]> => {
      await Promise.all(endpoints.map((endpoint) => endpoint.kill()));
      return endpoints.flatMap(({ told }) => told.flatMap(({ moved }) => moved ?? []));
    },
    /** Drains an endpoint at once, or has it take sessions again, and waits until both nodes know. */
    drain: async ({ id }: ProgramEndpoint, isWanted: boolean): Promise<void> => {
      const drain = `/endpoints/shop/${id}/drain`;
      await (isWanted ? operate(drain, 'PUT', { deadline: '0s' }) : operate(drain, 'DELETE'));
      const standing = isWanted ? 'draining' : 'serving';
      for (const node of stage().nodes)
        await until(`${id} is ${standing}`, async () => (await node.standingOf(id)) === standing);
    },
    /** So many requests at once, at both nodes in turn, and the one answer that all of them had. */
    askAtOnce: async (count: number): Promise<Answer> => {
      const answers = await Promise.all(Array.from({ length: count }, ask));
      expect(answers).toEqual(answers.map(() => answers[0]));
      return answers[0] as Answer;
    },
    /** Where an operator moves the session to. */
    moveTo: async ({ id }: ProgramEndpoint): Promise<void> => {
      const headers = [['Cookie', jar.names.map((name) => `${name}=${jar.valueOf(name)}`).join('; ')]];
      const explained = await (await operate('/explain', 'POST', { headers })).json();
      const [{ key }] = (explained as { keys: [{ key: string }] }).keys;
      expect((await operate(`/sessions/${key}/move`, 'POST', { to: `shop/${id}` })).status).toBe(200);
    },
    send,
    ask,
    at,
  };
}

const COOKIES: readonly (readonly [what: string, affinity: ConfigPart])[] = [
  ['the cookie of express-session', { type: 'app-cookie', name: 'SID' }],
  ['a cookie of Holdfast', { type: 'cookie', name: '_srv_id' }],
];

describe.each(COOKIES)('the example for Express, by %s', (_what, affinity) => {
  const shop = useExample(express, affinity);
  const moves: unknown[] = [];

  it('keeps its client logged in when the endpoint dies', async () => {
    await shop.send(formOf('/login', { user: 'ann' }));
    await shop.send(formOf('/list', { line: 'milk' }));
    const before = await shop.askAtOnce(4);
    expect(before).toMatchObject({ user: 'ann', lines: ['milk'] });
    await shop.at(before).kill();
    const after = await shop.askAtOnce(12);
    expect(after).toMatchObject({ user: 'ann', lines: ['milk'] });
    expect(after.port).not.toBe(before.port);
    moves.push({ from: `shop/${shop.at(before).id}`, reason: 'endpoint-down', user: 'ann' });
  });

  it('takes nothing of an earlier stay for the latest when the session comes back', async () => {
    const first = await shop.ask();
    await shop.drain(shop.at(first), true);
    const second = await shop.askAtOnce(4);
    expect(second.port).not.toBe(first.port);
    expect(second).toMatchObject({ user: 'ann', lines: ['milk'] });
    await shop.send(formOf('/list', { line: 'bread' }));
    await shop.drain(shop.at(first), false);
    await shop.moveTo(shop.at(first));
    expect(await shop.askAtOnce(4)).toEqual({ port: first.port, user: 'ann', lines: ['milk', 'bread'] });
    moves.push({ from: `shop/${shop.at(first).id}`, reason: 'endpoint-drained', user: 'ann' });
    moves.push({ from: `shop/${shop.at(second).id}`, reason: 'operator', user: 'ann' });
  });

  it('has heard of each of these moves, and of each once', async () => {
    expect(new Set(await shop.movesInAll())).toEqual(new Set(moves));
    expect(await shop.movesInAll()).toHaveLength(3);
  });
});

const hasPhp = spawnSync('php', ['-m'], { encoding: 'utf8' }).stdout?.includes('redis') === true;
if (!hasPhp) process.stderr.write('\nno php with its redis extension: the example for PHP is SKIPPED\n');

describe.skipIf(!hasPhp)('the example for PHP, by its own cookie', () => {
  const shop = useExample(php, { type: 'app-cookie', name: 'SID' });

  it('keeps its client logged in when the endpoint dies, and hears once where the session comes from', async () => {
    await shop.send(formOf('/login', { user: 'ann' }));
    const before = await shop.askAtOnce(4);
    expect(before).toMatchObject({ user: 'ann' });
    await shop.at(before).kill();
    const after = await shop.askAtOnce(12);
    expect(after).toMatchObject({ user: 'ann' });
    expect(after.port).not.toBe(before.port);
    expect(await shop.movesInAll()).toEqual([
      { from: `shop/${shop.at(before).id}`, reason: 'endpoint-down', user: 'ann' },
    ]);
  });
});

describe('the guide of hand-over', () => {
  it.each(['app.js', 'app.php', 'holdfast.yaml'])('shows %s as it is', async (file) => {
    const [guide, example] = await Promise.all([
      readFile(join(ROOT, 'docs/guides/hand-over.md'), 'utf8'),
      readFile(join(EXAMPLE, file), 'utf8'),
    ]);
    expect(guide.includes(`\n${example}\`\`\`\n`)).toBe(true);
  });

  it('has its example run with the versions that are tested', async () => {
    const [tested, example] = (await Promise.all(
      ['test', 'docs/examples/hand-over'].map(async (dir) =>
        JSON.parse(await readFile(join(ROOT, dir, 'package.json'), 'utf8')),
      ),
    )) as [{ devDependencies: object }, { dependencies: object }];
    expect(tested.devDependencies).toMatchObject(example.dependencies);
  });
});
