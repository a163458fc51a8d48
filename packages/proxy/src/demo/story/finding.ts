import { trailOf } from './trail.ts';
import type { Visit } from './visitor.ts';

/** Where the session is, as far as the story has come. */
export interface Home {
  readonly endpoint: string;
  readonly pinVersion: number;
  /** How many things are in the cart. */
  readonly items: number;
}

/** What came of one step: it was observed, in words for a person, or something else was. */
export type Finding =
  | { readonly kind: 'observed'; readonly what: string; readonly home: Home }
  | {
      readonly kind: 'missed';
      readonly expected: string;
      readonly seen: string;
      /** How it came about, visit by visit. */
      readonly trail?: string;
    };

/** Something that should be so, and what is so. */
export interface Expectation {
  readonly expected: string;
  readonly seen: string;
  readonly holds: boolean;
}

/** The cookie with which the proxy keeps the session. */
export const PROXY_COOKIE = '_srv_id';

type Answered = Extract<Visit, { kind: 'answered' }>;

/**
 * Holds visits against the place where the session should be: all answered, through every node of `nodes`, by
 * the one endpoint, under the one version of the pin, with the cart as it was. The first that is not so is
 * the finding.
 */
export function findAt(
  home: Home,
  visits: readonly Visit[],
  nodes: readonly string[],
  what: string,
): Finding {
  const answered = visits.filter((visit) => visit.kind === 'answered');
  const over = (read: (visit: Answered) => unknown): readonly unknown[] => answered.map(read);
  const failures = visits.flatMap((visit) => (visit.kind === 'failed' ? [visit.why] : []));
  const nodesSeen = over(({ trace }) => trace.node);
  const endpointsSeen = over(({ trace }) => trace.endpoint);
  const versionsSeen = over(({ trace }) => trace.pinVersion);
  const itemsSeen = over(({ items }) => items);
  const finding = provided(
    { kind: 'observed', what, home },
    same('failed visits', [], failures),
    same('nodes that answered', nodes, nodesSeen),
    same('endpoints that served', [home.endpoint], endpointsSeen),
    same('versions of the pin', [home.pinVersion], versionsSeen),
    same('things in the cart', [home.items], itemsSeen),
  );
  return finding.kind === 'missed' ? { ...finding, trail: trailOf(visits) } : finding;
}

/** How often the proxy set its session cookie in these visits. */
export function cookiesSet(times: number, visits: readonly Visit[]): Expectation {
  const seen = visits.filter(
    (visit) => visit.kind === 'answered' && visit.setCookies.includes(PROXY_COOKIE),
  ).length;
  const tell = (count: number): string =>
    `${visits.length} visits of which ${count} got a new cookie ${PROXY_COOKIE}`;
  return { expected: tell(times), seen: tell(seen), holds: seen === times };
}

/** An observed finding, if the expectations hold too; else the first that does not. A missed one stays as it is. */
export function provided(finding: Finding, ...expectations: readonly Expectation[]): Finding {
  const missed = expectations.find(({ holds }) => !holds);
  if (finding.kind === 'missed' || missed === undefined) return finding;
  return { kind: 'missed', expected: missed.expected, seen: missed.seen };
}

function same(what: string, expected: readonly unknown[], seen: readonly unknown[]): Expectation {
  const distinct = [...new Set(seen)];
  return {
    expected: `${what}: ${list(expected)}`,
    seen: `${what}: ${list(distinct)}`,
    holds: distinct.length === expected.length && expected.every((value) => distinct.includes(value)),
  };
}

const list = (values: readonly unknown[]): string =>
  values.length === 0 ? 'none' : values.map((value) => value ?? 'unknown').join(', ');
