import type { ReloadReport } from '../node/current-config.ts';

/** A reload as the admin listener tells of it. */
export const describeReload = ({ atMs, ...report }: ReloadReport) => ({
  ...report,
  at: new Date(atMs).toISOString(),
});

/** The status that tells how it ended to those who do not read the answer. */
export function statusOf(report: ReloadReport): 200 | 422 | 503 {
  if (report.outcome === 'applied') return 200;
  return report.cause === 'configuration' ? 422 : 503;
}
