import { configJsonSchema, formatProblem, type JsonSchema, parseConfig } from '@holdfast/shared/config';

const TOP = configJsonSchema().properties ?? {};
const TOP_KEYS = new Set(Object.keys(TOP));
const POOL_KEYS = new Set(Object.keys((TOP.pools as JsonSchema).items?.properties ?? {}));

const topKeysOf = (text: string): readonly string[] =>
  [...text.matchAll(/^([\w-]+):/gm)].map(([, key = '']) => key);

/** Whether a text is Holdfast's configuration or a part of one, and not something else in YAML. */
export function isConfig(text: string): boolean {
  const keys = topKeysOf(text);
  return keys.length > 0 && keys.every((key) => TOP_KEYS.has(key) || POOL_KEYS.has(key));
}

/** Parts that stand for each other: where a key is there again, another one begins. */
export function alternativesIn(text: string): readonly string[] {
  const parts: string[][] = [[]];
  let seen = new Set<string>();
  for (const line of text.split('\n')) {
    const [key] = topKeysOf(line);
    if (key !== undefined && seen.has(key)) {
      parts.push([]);
      seen = new Set();
    }
    if (key !== undefined) seen.add(key);
    parts.at(-1)?.push(line);
  }
  return parts.map((lines) => lines.join('\n'));
}

/** A whole configuration around a part of one: what a pool may have, or what a file may have at its top. */
export function wholeConfig(part: string): string {
  const keys = topKeysOf(part);
  if (!keys.every((key) => TOP_KEYS.has(key))) return wholeConfig(poolWith(part, keys));
  if (!keys.includes('pools')) return wholeConfig(`${part}\n${poolsFor(part)}`);
  const at = part.search(/^pools:/m);
  const full = part.slice(0, at) + completed(part.slice(at));
  const secrets = keys.includes('secrets') ? '' : 'secrets: ["a secret of sixteen or more"]\n';
  return `${secrets}${keys.includes('listeners') ? '' : listenersFor(full)}${full}`;
}

/** A pool with these keys, and with endpoints that go with them. */
function poolWith(part: string, keys: readonly string[]): string {
  const scheme = /^affinity: .*(?:source-ip|SOURCE_IP)/m.test(part) ? 'tcp' : 'http';
  const own =
    keys.includes('endpoints') || keys.includes('discovery') ? '' : `    endpoints: ${endpoints(scheme)}\n`;
  return `pools:\n  - name: shop\n${own}${part.replaceAll(/^(?=.)/gm, '    ')}`;
}

const endpoints = (scheme: string): string =>
  `[{ url: "${scheme}://10.0.0.1:8080" }, { url: "${scheme}://10.0.0.2:8080" }]`;

/** The pools that routes lead to. */
function poolsFor(part: string): string {
  const scheme = /protocol: (tcp|udp)/.exec(part)?.[1] ?? 'http';
  const named = [...part.matchAll(/\bpool: ([\w-]+)/g)].map(([, name = '']) => name);
  const names = named.length > 0 ? [...new Set(named)] : ['shop'];
  return `pools:\n${names.map((name) => `  - { name: ${name}, endpoints: ${endpoints(scheme)} }\n`).join('')}`;
}

/** Pools of which a part shows other keys than what they need, with that. */
const completed = (pools: string): string =>
  pools.replaceAll(/^ {2}- name: [\w-]+\n(?: {4}.*\n?)*/gm, (pool) =>
    /\b(?:endpoints|discovery):/.test(pool)
      ? pool
      : pool.replace('\n', `\n    endpoints: ${endpoints('http')}\n    affinity: { type: cookie }\n`),
  );

function listenersFor(pools: string): string {
  const protocol = /(tcp|udp):\/\//.exec(pools)?.[1] ?? (/scheme: (tcp|udp)/.exec(pools)?.[1] || 'http');
  const names = [...pools.matchAll(/^ {2}- (?:\{ )?name: ([\w-]+)/gm)].map(([, name]) => name);
  const lines = names.map(
    (pool, index) =>
      `  - { name: l${index}, listen: ":${8080 + index}", protocol: ${protocol}, pool: ${pool} }\n`,
  );
  return `listeners:\n${lines.join('')}`;
}

/** What is wrong with a configuration, or with a part of one; every variable without a default is set. */
export function problemsOf(file: string, part: string): readonly string[] {
  const names = [...part.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  const environment = Object.fromEntries(names.map((name) => [name, 'of sixteen or more']));
  const parsed = parseConfig(wholeConfig(part), { file, environment });
  return parsed.kind === 'config' ? [] : parsed.problems.map((each) => `${formatProblem(each)} in\n${part}`);
}
