import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Echo } from '../support/endpoint-behaviours.ts';
import { type ClientRequest, HttpClient } from '../support/http-client.ts';
import { haproxy } from '../support/originals/haproxy.ts';
import { versionOf } from '../support/originals/original.ts';
import { OriginalProcess } from '../support/originals/original-process.ts';
import { until } from '../support/until.ts';
import { answering, cookie, dated, HaproxyWorld } from './haproxy-world.ts';

const hasHaproxy = versionOf(haproxy) !== undefined;

if (!hasHaproxy) process.stderr.write('\nno HAProxy on the PATH: what Holdfast does is SKIPPED beside it\n');

/** Lines of `cookie`, each of which is a backend of both. */
const LINES = {
  insert: 'S insert',
  nocache: 'S insert nocache',
  indirect: 'S insert indirect',
  preserve: 'S insert preserve indirect',
  postonly: 'S insert postonly',
  attributes: 'S insert domain .example.com httponly secure attr "SameSite=None"',
  idle: 'S insert maxidle 30m',
  life: 'S insert maxlife 8h',
  dates: 'S insert maxidle 30m maxlife 8h',
  prefix: 'S prefix',
  prefixed: 'S prefix indirect',
  rewrite: 'S rewrite',
  hidden: 'S indirect',
} as const;

const minutesAgo = (minutes: number): string => dated(60 * minutes);

/** What clients bring as a cookie. */
const brought = (): readonly (string | undefined)[] => [
  undefined,
  'S=s1',
  'S=s9',
  'S=',
  'a=1; S=s1; b=2',
  'S=s1~app',
  'S=s9~app',
  `S=s1|${minutesAgo(5)}`,
  `S=s1|${minutesAgo(40)}`,
  `S=s1|${minutesAgo(-2)}|${minutesAgo(60)}`,
  `S=s1|${minutesAgo(5)}|${minutesAgo(60)}`,
  `S=s1|${minutesAgo(5)}|${minutesAgo(500)}`,
  `S=s1|${minutesAgo(-1_500)}|${minutesAgo(5)}`,
  `S=s1|${minutesAgo(-600)}|${minutesAgo(5)}`,
];

const REQUESTS: Readonly<Record<string, ClientRequest>> = {
  'sees what an endpoint sees': { path: '/echo' },
  'posts something': { path: '/echo', method: 'POST', body: 'x' },
  'is given a cookie by the application': answering('Set-Cookie: S=app; Path=/', 'Set-Cookie: other=1'),
  'logs out': answering('Set-Cookie: S=; Max-Age=0'),
};

interface Seen {
  readonly backend: string;
  readonly request: string;
  readonly cookies: string | undefined;
  readonly answer: string;
}

/** HAProxy in a process of its own, with the same backends on the same endpoints. */
class Haproxy {
  readonly #flags = new Map<string, string>();
  #process!: OriginalProcess;
  #client!: HttpClient;

  async start(dir: string, endpoints: readonly { readonly port: number }[]): Promise<void> {
    const labelled = endpoints.map(({ port }, index) => ({ label: `s${index + 1}`, port }));
    const backends = Object.entries(LINES).map(([name, line]) => ({
      host: `${name}.test`,
      lines: [`cookie ${line}`],
      isChecked: false,
    }));
    this.#process = await OriginalProcess.start(haproxy, dir, labelled, backends, (line) => {
      const [id = '', flags = ''] = line.split(' ');
      this.#flags.set(id, flags.slice(2));
    });
    this.#client = new HttpClient(this.#process.origin, 1);
  }

  async ask(backend: string, cookies: string | undefined, request: ClientRequest, id: string) {
    const headers = {
      host: `${backend}.test`,
      'x-request-id': id,
      ...(cookies !== undefined && { cookie: cookies }),
    };
    const response = await this.#client.send({ ...request, headers });
    return { response, flags: await until(`${id} is logged`, () => this.#flags.get(id)) };
  }

  async stop(): Promise<void> {
    await this.#client.close();
    await this.#process.end();
  }
}

describe.skipIf(!hasHaproxy)('HAProxy and Holdfast with the profile haproxy, asked the same', () => {
  const world = new HaproxyWorld(
    Object.fromEntries(Object.entries(LINES).map(([name, line]) => [name, cookie(line)])),
  );
  const other = new Haproxy();

  beforeAll(() => other.start(world.dir, [world.endpoint('s1'), world.endpoint('s2')]));
  afterAll(() => other.stop());

  it('do the same with the cookies of requests and responses, and say so by the same two letters', async () => {
    const ours: Seen[] = [];
    const theirs: Seen[] = [];
    for (const [request, wanted] of Object.entries(REQUESTS))
      for (const backend of Object.keys(LINES))
        for (const cookies of brought()) {
          const here = await world.ask(backend, cookies, wanted);
          ours.push({ backend, request, cookies, answer: summary(here.response, here.flags) });
          const there = await other.ask(backend, cookies, wanted, here.id);
          theirs.push({ backend, request, cookies, answer: summary(there.response, there.flags) });
        }
    expect(ours).toEqual(theirs);
  }, 60_000);
});

/** What there is to compare: where a request without a good cookie goes is a matter of balancing, dates one of seconds. */
function summary(response: Awaited<ReturnType<HttpClient['send']>>, flags: string | undefined): string {
  const { headers, setCookies, body } = response;
  const from = headers['x-served-by']?.replace('shop-', 's') ?? 'nobody';
  const isDirect = flags?.startsWith('V') ?? false;
  const set = setCookies
    .map((value) =>
      value.replace(`S=${from}`, isDirect ? '$&' : 'S=SELF').replaceAll(/\|[\w+/]{5}/g, '|DATE'),
    )
    .toSorted();
  const seen = body.startsWith('{') ? cookieSeen(JSON.parse(body) as Echo) : '';
  return [isDirect ? from : 'anywhere', flags, seen, ...set].join(' / ');
}

const cookieSeen = ({ headers }: Echo): string =>
  headers
    .flatMap((name, index) => (name.toLowerCase() === 'cookie' ? [headers[index + 1] ?? ''] : []))
    .join('; ');
