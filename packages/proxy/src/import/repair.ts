import { type ConfigProblem, parseConfig, showableYaml } from '@holdfast/shared/config';
import type { Draft, Place, WrittenConfig } from './draft.ts';

const ROUNDS_MAX = 50;

/**
 * A draft without what Holdfast's configuration does not take, such as a host name with other signs; what goes is noted
 * in the words of the configuration's own check. So nothing is handed out that `holdfast validate` would refuse.
 * Undefined where no listener or no pool is left, or where nothing may be left out.
 */
export function repaired(draft: Draft, config: WrittenConfig): WrittenConfig | undefined {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    if (config.listeners.length === 0 || config.pools.length === 0) return undefined;
    const parsed = parseConfig(showableYaml(config), { file: 'import', environment: {} });
    if (parsed.kind === 'config') return config;
    if (!draft.isDivisible || !leaveOut(draft, config, parsed.problems)) {
      for (const { path, message } of parsed.problems)
        draft.note(placeOf(draft, trailOf(config, stepsOf(path))), `its import: ${message}`);
      return undefined;
    }
  }
  return undefined;
}

/**
 * From the end on, so that what is taken out of a list moves nothing that a problem is still to be found by. Answers
 * whether there was anything to leave out: a text that is too long as a whole has no such part.
 */
function leaveOut(draft: Draft, config: WrittenConfig, problems: readonly ConfigProblem[]): boolean {
  const gone: string[] = [];
  for (const problem of problems.toReversed()) {
    const steps = stepsOf(problem.path);
    const trail = trailOf(config, steps);
    const depth = trail.findLastIndex(
      (part, index) => index > 0 && !isInsideUnit(steps.slice(0, index), part),
    );
    const unit = `${steps.slice(0, depth).join(' ')} `;
    if (depth < 1 || gone.some((other) => unit.startsWith(other) || other.startsWith(unit))) continue;
    gone.push(unit);
    draft.note(placeOf(draft, trail.slice(0, depth + 1)), `${problem.path}: ${problem.message}: left out`);
    remove(trail[depth - 1], steps[depth - 1] ?? '');
  }
  return gone.length > 0;
}

const placeOf = (draft: Draft, trail: readonly unknown[]): Place =>
  trail
    .map((part) => (isObject(part) ? draft.places.get(part) : undefined))
    .findLast((place) => place !== undefined) ?? { line: 1, name: 'file' };

function remove(around: unknown, key: string): void {
  if (Array.isArray(around)) around.splice(Number(key), 1);
  else if (isObject(around)) Reflect.deleteProperty(around, key);
}

const stepsOf = (path: string): readonly string[] => [...path.matchAll(/[^.[\]]+/g)].map(([step]) => step);

/** The values on the way along a path, from the whole on, as far as there are any. */
function trailOf(whole: unknown, steps: readonly string[]): readonly unknown[] {
  const trail = [whole];
  for (const step of steps) {
    const last = trail.at(-1);
    const next: unknown = isObject(last) ? Reflect.get(last, step) : undefined;
    if (next === undefined) break;
    trail.push(next);
  }
  return trail;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What means nothing by itself: a route without its host would take everybody's requests. */
const INSIDE_UNIT =
  /^(?:listeners(?: \d+ (?:name|listen|protocol|pool|routes|routes \d+ .+))?|pools(?: \d+ (?:name|endpoints|endpoints \d+ (?:url|id)))?)$/;

/** A list is needed whole by what has it; one that a value of another kind stands in for goes with that. */
const isInsideUnit = (steps: readonly string[], part: unknown): boolean =>
  INSIDE_UNIT.test(steps.join(' ')) || (Array.isArray(part) && part.length === 0);
