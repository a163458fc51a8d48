import { cluster } from './cluster.ts';
import { type DashboardFile, dashboardOf } from './dashboard.ts';
import { endpoint } from './endpoint.ts';
import { overview } from './overview.ts';
import { stickiness } from './stickiness.ts';

/** Every dashboard of infra/grafana, as it stands in the file of its uid. */
export const DASHBOARDS: readonly DashboardFile[] = [overview, stickiness, cluster, endpoint].map(
  dashboardOf,
);
