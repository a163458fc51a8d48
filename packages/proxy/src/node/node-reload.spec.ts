import { HoldfastError } from '@holdfast/shared';
import { type Config, parseConfig } from '@holdfast/shared/config';
import { ManualClock } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { LogBook } from '../testing/log-book.ts';
import { CurrentConfig, hashOf } from './current-config.ts';
import type { PreparedParts } from './node-parts.ts';
import { NodeReload } from './node-reload.ts';

const FILE = `
cluster: { name: test }
listeners: [{ name: web, listen: "127.0.0.1:0", pool: shop }]
pools: [{ name: shop, endpoints: [{ id: a, url: "http://127.0.0.1:1" }] }]
`;
const WITH_B = FILE.replace('endpoints: [', 'endpoints: [{ id: b, url: "http://127.0.0.1:2" }, ');

/** A node that runs with {@link FILE}, and whose parts only note what they are told. */
function setUp(trouble?: Error) {
  const clock = new ManualClock();
  const log = new LogBook();
  const told: string[] = [];
  const parse = (text: string) => parseConfig(text, { file: 'shop.yaml', environment: {} });
  const parsed = parse(FILE);
  if (parsed.kind === 'problems') throw new Error('the file of this spec is wrong');
  const current = new CurrentConfig(parsed.config, FILE, clock);
  const prepare = async ({ pools }: Config): Promise<PreparedParts> => {
    if (trouble !== undefined) throw trouble;
    told.push(`prepare ${pools.flatMap(({ endpoints }) => endpoints.map(({ id }) => id))}`);
    return { commit: () => void told.push('commit'), discard: async () => void told.push('discard') };
  };
  return { clock, log, told, current, reload: new NodeReload({ current, source: { parse }, prepare, log }) };
}

describe('another text of the configuration', () => {
  it('is in force when it is committed, and not before', async () => {
    const { clock, told, current, reload } = setUp();
    await clock.advance(5_000);
    const prepared = await reload.prepare(WITH_B);
    expect(told).toEqual(['prepare b,a']);
    expect(current.hash).toBe(hashOf(FILE));
    if (prepared.kind !== 'prepared') throw new Error('refused');
    expect(prepared.changes.endpoints.added).toEqual(['shop/b']);
    prepared.commit();
    expect(told).toEqual(['prepare b,a', 'commit']);
    expect(current).toMatchObject({ hash: hashOf(WITH_B), loadedAtMs: clock.now() });
    expect(current.config.pools[0]?.endpoints).toHaveLength(2);
  });

  it('leaves everything as it was when it is discarded', async () => {
    const { told, current, reload } = setUp();
    const prepared = await reload.prepare(WITH_B);
    if (prepared.kind === 'prepared') await prepared.discard();
    expect(told).toEqual(['prepare b,a', 'discard']);
    expect(current.hash).toBe(hashOf(FILE));
  });

  it.each([
    ['is no configuration', 'pools: [', 'shop.yaml:1:9: '],
    ['needs a restart', FILE.replace('name: test', 'name: other'), 'shop.yaml:2:18: cluster.name: '],
    [
      'leaves out what the node was started with',
      FILE.replace('cluster: { name: test }', ''),
      'cluster.name: ',
    ],
  ])('is refused where it %s, and nothing is prepared', async (_, text, problem) => {
    const { told, reload } = setUp();
    const refused = await reload.prepare(text);
    expect(refused).toMatchObject({ kind: 'refused', cause: 'configuration' });
    expect(refused.kind === 'refused' && refused.problems.join()).toContain(problem);
    expect(told).toEqual([]);
  });

  it('is refused where something that it needs cannot be had, which is not its fault', async () => {
    const trouble = new HoldfastError('INTERNAL', 'listener "web" cannot listen on :80: address in use');
    expect(await setUp(trouble).reload.prepare(WITH_B)).toEqual({
      kind: 'refused',
      cause: 'system',
      problems: ['listener "web" cannot listen on :80: address in use'],
    });
  });

  it('has its warnings told, once it is known to be right', async () => {
    const { log, reload } = setUp();
    await reload.prepare(
      `${WITH_B.trimEnd().slice(0, -1)}, { name: spare, endpoints: [{ url: "http://x" }] }]`,
    );
    expect(log.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringMatching(/^warn shop\.yaml:.*expected a route to this pool/),
    ]);
  });
});
