import { BenchError } from '../bench-error.ts';
import { failoverCase } from '../failover/failover-case.ts';
import { mapCase } from '../map/map-case.ts';
import type { BenchCase } from './bench-case.ts';
import { httpCases } from './http-cases.ts';
import { idleCase } from './idle-case.ts';
import { latencyCases } from './latency-cases.ts';
import { telemetryCase } from './telemetry-case.ts';
import { webSocketCase } from './websocket-case.ts';

/** Every case, in the order of the documentation. */
export const ALL_CASES: readonly BenchCase[] = [
  ...httpCases,
  webSocketCase,
  idleCase,
  ...latencyCases,
  telemetryCase,
  failoverCase,
  mapCase,
];

/** The cases of these names, in the given order; `all` for every one. Throws a {@link BenchError} for an unknown name. */
export function selectCases(names: readonly string[]): readonly BenchCase[] {
  if (names.length === 1 && names[0] === 'all') return ALL_CASES;
  return names.map((name) => {
    const chosen = ALL_CASES.find((candidate) => candidate.name === name);
    if (chosen !== undefined) return chosen;
    throw new BenchError(
      `unknown case "${name}"; expected all or ${ALL_CASES.map((known) => known.name).join(', ')}`,
    );
  });
}
