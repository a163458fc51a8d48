import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../architecture/source-file.ts';
import { caddy } from '../support/originals/caddy.ts';
import { haproxy } from '../support/originals/haproxy.ts';
import { nginx } from '../support/originals/nginx.ts';
import { versionOf } from '../support/originals/original.ts';
import { useStage } from '../support/stage.ts';
import { caddyScenarios } from './side-by-side/caddy-scenarios.ts';
import { haproxyScenarios } from './side-by-side/haproxy-scenarios.ts';
import { type Difference, KNOWN_DIFFERENCES } from './side-by-side/known-differences.ts';
import { nginxScenarios } from './side-by-side/nginx-scenarios.ts';
import { ASPECTS } from './side-by-side/observation.ts';
import { comparedPage } from './side-by-side/page.ts';
import type { Scenario } from './side-by-side/scenario.ts';
import { type Recordings, World } from './side-by-side/world.ts';

const all: readonly Scenario[] = [...haproxyScenarios, ...nginxScenarios, ...caddyScenarios];
const missing = [haproxy, nginx, caddy].filter((original) => versionOf(original) === undefined);
const scenarios = all.filter(({ original }) => !missing.includes(original));
const skipped = all.filter(({ original }) => missing.includes(original));

for (const { name } of missing) process.stderr.write(`\nno ${name} on the PATH: its scenarios are SKIPPED\n`);

const known = KNOWN_DIFFERENCES.flatMap(({ where }) => where);

/** In an order of no meaning, which is the same for the same differences. */
const inOrder = (differences: readonly Difference[]): readonly string[] =>
  differences.map((difference) => JSON.stringify(difference)).toSorted();

function differencesOf({ name }: Scenario, { theirs, ours }: Recordings): readonly Difference[] {
  return [...theirs].flatMap(([step, there]) =>
    ASPECTS.map((aspect) => ({
      scenario: name,
      step,
      aspect,
      theirs: there[aspect] ?? 'unknown',
      ours: ours.get(step)?.[aspect] ?? 'unknown',
    })).filter((each) => each.theirs !== each.ours),
  );
}

describe.skipIf(scenarios.length === 0)('the same clients at the original and at Holdfast', () => {
  const stage = useStage('file');
  const world = new World(scenarios);
  let recordings: ReadonlyMap<Scenario, Recordings>;

  beforeAll(async () => {
    await world.open(stage());
    recordings = await world.play();
  });

  afterAll(() => world.close());

  it.skip.each(skipped)(
    '$name: find their places, cookies and endpoints alike, but for the known differences',
    () => {},
  );

  it.each(scenarios)(
    '$name: find their places, cookies and endpoints alike, but for the known differences',
    (scenario) => {
      const recorded = recordings.get(scenario) as Recordings;
      expect(recorded.theirs.size).toBeGreaterThan(0);
      expect(inOrder(differencesOf(scenario, recorded))).toEqual(
        inOrder(known.filter((difference) => difference.scenario === scenario.name)),
      );
    },
  );

  it.each(scenarios.filter(({ isInterchangeable }) => isInterchangeable))(
    '$name: come to the same endpoint with a cookie of the other of both',
    async (scenario) => {
      expect(await world.interchange(scenario)).toEqual(
        ['s1', 's2', 's3'].flatMap((place) => [`theirs of ${place}: ${place}`, `ours of ${place}: ${place}`]),
      );
    },
  );
});

describe('docs/profiles/side-by-side.md', () => {
  const page = readFileSync(join(ROOT, 'docs/profiles/side-by-side.md'), 'utf8');

  it('shows every scenario and every known difference, and no other', () => {
    expect(page.slice(page.indexOf('\n## What is compared') + 1)).toBe(comparedPage(all, KNOWN_DIFFERENCES));
  });

  it('names no scenario in a difference that there is not', () => {
    const names = all.map(({ name }) => name);
    expect(known.map(({ scenario }) => scenario).filter((name) => !names.includes(name))).toEqual([]);
  });
});
