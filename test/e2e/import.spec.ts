import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../support/child.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';

const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));
const GUIDE = fileURLToPath(new URL('../../docs/guides/migrating.md', import.meta.url));

const stage = useStage();

/** Runs a command to its end. */
async function holdfast(...args: readonly string[]) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const child = new Child({
    name: 'holdfast',
    command: HOLDFAST,
    args,
    onStdout: (line) => stdout.push(line),
    onStderr: (line) => stderr.push(line),
  });
  const { code } = await child.exit;
  return { code, stdout: stdout.join('\n'), stderr };
}

/** Imports a text and runs a node of what comes of it. */
async function runImported(format: string, text: string): Promise<void> {
  const [written, imported] = [join(stage().dir, 'written'), join(stage().dir, 'imported.yaml')];
  await writeFile(written, text);
  const { code, stdout, stderr } = await holdfast('import', format, written);
  expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
  await writeFile(imported, stdout);
  const node = new Child({ name: 'node', command: HOLDFAST, args: ['run', '-c', imported] });
  onTestFinished(async () => void (await node.end()));
  await until(
    'the node listens',
    () => node.lines.some((line) => line.includes('"listening"')) || node.hasExited,
  );
  expect(node.hasExited, node.lines.join('\n')).toBe(false);
}

describe('an imported configuration', () => {
  it('of nginx starts, routes by host, and keeps the sessions that nginx kept', async () => {
    const [a, b, api] = await stage().startEndpoints(3);
    const port = await freePort();
    await runImported(
      'nginx',
      `upstream shop {
         sticky cookie srv_id expires=1h;
         server 127.0.0.1:${a?.port};
         server 127.0.0.1:${b?.port};
       }
       server { listen 127.0.0.1:${port}; location / { proxy_pass http://shop; }
                location /echo { proxy_pass http://127.0.0.1:${api?.port}; } }`,
    );
    const client = stage().client(`http://127.0.0.1:${port}`);
    const visitor = new Visitor('one', 'srv_id');
    for (let visit = 0; visit < 6; visit += 1) await visitor.visit(client);
    expect(visitor.path).toHaveLength(1);
    expect(visitor.cookiesSet).toBe(1);
    const { headers } = await client.send({ path: '/echo' });
    expect(headers['x-served-by']).toBe(api?.id);
  });

  it('of HAProxy starts, routes by path, and keeps the sessions that HAProxy kept', async () => {
    const [a, b, api] = await stage().startEndpoints(3);
    const port = await freePort();
    await runImported(
      'haproxy',
      `frontend web
  bind 127.0.0.1:${port}
  use_backend api if { path_beg /echo }
  default_backend myapp
backend myapp
  balance roundrobin
  cookie SERVERID insert nocache
  server s1 127.0.0.1:${a?.port} cookie s1
  server s2 127.0.0.1:${b?.port} cookie s2
backend api
  server a1 127.0.0.1:${api?.port}
`,
    );
    const client = stage().client(`http://127.0.0.1:${port}`);
    const visitors = [new Visitor('one', 'SERVERID'), new Visitor('two', 'SERVERID')];
    for (let visit = 0; visit < 3; visit += 1) for (const visitor of visitors) await visitor.visit(client);
    expect(visitors.map(({ path }) => path.length)).toEqual([1, 1]);
    expect(new Set(visitors.flatMap(({ path }) => path)).size).toBe(2);
    const { headers } = await client.send({ path: '/echo' });
    expect(headers['x-served-by']).toBe(api?.id);
    const fromBefore = async (value: string): Promise<readonly unknown[]> => {
      const answer = await client.send({ headers: { cookie: `SERVERID=${value}` } });
      return [answer.headers['x-served-by'], answer.setCookies];
    };
    for (let visit = 0; visit < 3; visit += 1) {
      expect(await fromBefore('s1')).toEqual([a?.id, []]);
      expect(await fromBefore('s2')).toEqual([b?.id, []]);
    }
  });
});

describe('holdfast import', () => {
  const write = async (text: string): Promise<string> => {
    const file = join(stage().dir, 'written.conf');
    await writeFile(file, text);
    return file;
  };

  it('tells on standard error what it leaves out, and ends well all the same', async () => {
    const file = await write('upstream shop {\n  server 10.0.0.1;\n  zone shop 64k;\n}\n');
    const { code, stdout, stderr } = await holdfast('import', 'nginx', file);
    expect(code).toBe(0);
    expect(stdout).toContain('http://10.0.0.1:80');
    expect(stderr).toEqual([`${file}:3: zone: not needed: nodes share their sessions through the store`]);
  });

  it('says both as JSON for programs', async () => {
    const file = await write('upstream shop {\n  server 10.0.0.1;\n  zone shop 64k;\n}\n');
    const { code, stdout, stderr } = await holdfast('import', 'nginx', file, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: [] });
    expect(JSON.parse(stdout)).toMatchObject({
      file,
      config: expect.stringContaining('http://10.0.0.1:80'),
      notes: [{ line: 3, name: 'zone' }],
    });
  });

  it.each([
    ['haproxy', 'server a', /:1: server: expected a section/],
    ['cce', 'a: [', /:1: file: expected YAML/],
    ['cce', 'kind: Pod', /expected a Service/],
  ])('of %s ends with 2 and the line where the text is none: %j', async (format, text, said) => {
    const { code, stdout, stderr } = await holdfast('import', format, await write(text));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.join('\n')).toMatch(said);
  });

  it('ends with 2 where there is no such file, or no such format', async () => {
    expect(await holdfast('import', 'nginx', '/nowhere')).toEqual({
      code: 2,
      stdout: '',
      stderr: ['/nowhere: expected a file that can be read, found none'],
    });
    expect(await holdfast('import', 'apache', '/nowhere')).toMatchObject({ code: 2, stdout: '' });
  });

  it('prints what the guide shows', async () => {
    const guide = await readFile(GUIDE, 'utf8');
    const [, written = '', , command = '', printed = ''] =
      /```nginx\n(.*?)```(.*?)```console\n\$ bin\/holdfast (.*?)\n(.*?)```/s.exec(guide) ?? [];
    const file = await write(written);
    const { stdout, stderr } = await holdfast(...command.replace('nginx.conf', file).split(' '));
    const shown = [...stdout.split('\n'), ...stderr.map((line) => line.replace(file, 'nginx.conf')), ''];
    expect(printed.split('\n')).toEqual(shown);
  });
});
