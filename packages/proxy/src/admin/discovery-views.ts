import type { EpochMs } from '@holdfast/shared';
import type { PoolDiscovery } from '../discovery/pool-discovery.ts';
import type { Pool } from '../pool/pool.ts';

type Reporting = Pick<PoolDiscovery, 'report'> | undefined;

/** A pool, and what looks for its endpoints where the configuration does not name them. */
export interface DiscoveredPool {
  readonly pool: Pool;
  readonly discovery?: Reporting;
}

/** What `/status` says of a discovery. */
export function discoveryView(discovery: Reporting, nowMs: EpochMs) {
  if (discovery === undefined) return undefined;
  const { failingSinceMs, ...report } = discovery.report();
  return { ...report, failingForSeconds: secondsSince(failingSinceMs, nowMs) };
}

/** Pools of whose endpoints nothing new is known. */
export const discoveryWarnings = (pools: readonly DiscoveredPool[], nowMs: EpochMs): readonly string[] =>
  pools.flatMap(({ pool, discovery }) => {
    const report = discovery?.report();
    if (report?.failingSinceMs === undefined) return [];
    const seconds = secondsSince(report.failingSinceMs, nowMs);
    return [
      `pool ${pool.name}: ${report.type} has named no endpoints for ${seconds} s, those that are known stay: ${report.lastFailure}`,
    ];
  });

const secondsSince = (sinceMs: EpochMs | undefined, nowMs: EpochMs): number =>
  sinceMs === undefined ? 0 : Math.floor((nowMs - sinceMs) / 1_000);
