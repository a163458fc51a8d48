import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { type Block, blocksOf, PAGES, placeOf } from '../docs/blocks.ts';
import { isException } from '../docs/exceptions.ts';
import { Child } from '../support/child.ts';
import { PROXY_PACKAGE } from '../support/guide-example.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the compiler says of apps of a user, as strict as it can be told to be: the file and line of each complaint. */
async function complaintsAbout(apps: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-app-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  const paths = { '@holdfast/proxy': [join(PROXY_PACKAGE, 'src/index.ts')] };
  const typeRoots = [join(PROXY_PACKAGE, 'node_modules/@types')];
  const config = {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: { paths, typeRoots },
    files: Object.keys(apps),
  };
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }');
  for (const [file, code] of Object.entries(apps)) await writeFile(join(dir, file), code);
  await symlink(join(PROXY_PACKAGE, 'node_modules'), join(dir, 'node_modules'));
  const command = join(ROOT, 'node_modules/.bin/tsc');
  const compiler = new Child({ name: 'tsc', command, args: ['--pretty', 'false', '-p', dir] });
  await compiler.exit;
  return compiler.lines.flatMap((line) => {
    const [, file = '', number = ''] = /([\w-]+\.ts)\((\d+),/.exec(line) ?? [];
    return file in apps ? [`${file}:${number}`] : [];
  });
}

const MISTAKEN = `
import { startNode, type Middleware } from '@holdfast/proxy';
const middleware: Middleware = (app, listener) => {
  if (listener === 'web') app.get('/x', (context) => context.text(context.req.param('y')));
};
const listeners = [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop' }];
const pools = [{ name: 'shop', endpoints: [{ url: 'http://127.0.0.1:1' }], affinity: { type: 'none' as const } }];
const node = await startNode({ listeners, pools }, { middleware });
export const port: string | undefined = node.listeners.get('web')?.port;
await startNode({ listeners, pools: [{ name: 'shop', balnce: 'round-robin' }] });
`;

/** What stands around a piece of a program, by what the piece begins with. */
const AROUND: readonly (readonly [begins: string, before: string, after: string])[] = [
  ['app.use(', "import { Hono } from 'hono';\nconst app = new Hono();\n", 'export {};'],
  [
    'middleware: ',
    "import { startNode } from '@holdfast/proxy';\nimport { bearerAuth } from 'hono/bearer-auth';\nconst token = '';\nawait startNode('./holdfast.yaml', {\n",
    '});\n',
  ],
];

/** A program of a page, or one around the piece of one that it shows. */
function programOf({ code }: Block): string {
  if (/^import /m.test(code)) return code;
  const [, before = '', after = ''] = AROUND.find(([begins]) => code.startsWith(begins)) ?? [];
  return before + code + after;
}

it('the programs of the pages have the types that they need, and mistakes are found', async () => {
  const blocks = PAGES.flatMap(blocksOf).filter((block) => block.language === 'ts' && !isException(block));
  const programs = blocks.map((block) => [`${placeOf(block).replaceAll(/\W/g, '-')}.ts`, programOf(block)]);
  expect(programs.length).toBeGreaterThan(3);
  const complaints = await complaintsAbout({ ...Object.fromEntries(programs), 'mistaken.ts': MISTAKEN });
  expect(complaints).toEqual(['mistaken.ts:4', 'mistaken.ts:9', 'mistaken.ts:10']);
});
