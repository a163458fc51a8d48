import { type ClusterView, heldDownBy, type MemberView, memberViews } from '../admin/member-views.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import { CLUSTER_METRICS } from './catalogue/cluster-metrics.ts';
import type { MetricsSnapshot } from './snapshot.ts';

/** What there is to look at of the cluster. */
export interface Cluster extends ClusterView {
  readonly isCutOff: boolean;
}

const STATES = ['joining', 'alive', 'suspect', 'gone', 'left'] as const;

/** How this node sees the cluster at the moment. */
export function clusterState(cluster: Cluster, endpoints: readonly Endpoint[]): MetricsSnapshot {
  const views = memberViews(cluster);
  const living = views.filter(isLiving);
  const { members, cutOff, configurations, disputedEndpoints } = CLUSTER_METRICS;
  const one = (value: number) => [{ attributes: {}, value }];
  return [
    {
      name: members.name,
      points: STATES.map((state) => ({
        attributes: { 'holdfast.member.state': state },
        value: views.filter((view) => stateOf(view) === state).length,
      })),
    },
    { name: cutOff.name, points: one(cluster.isCutOff ? 1 : 0) },
    { name: configurations.name, points: one(new Set(living.map(({ fingerprint }) => fingerprint)).size) },
    {
      name: disputedEndpoints.name,
      points: one(endpoints.filter((endpoint) => isDisputed(endpoint, living)).length),
    },
  ];
}

/** This node is one of those that are alive, to itself. */
const stateOf = ({ state }: MemberView): (typeof STATES)[number] => (state === 'self' ? 'alive' : state);

const isLiving = ({ state }: MemberView): boolean =>
  state === 'self' || state === 'alive' || state === 'joining';

/** Some hold it down and others do not, and those that do are not most of them. */
function isDisputed({ id, agreement }: Endpoint, living: readonly MemberView[]): boolean {
  const claimants = heldDownBy(living, id).length;
  return claimants > 0 && claimants < living.length && agreement !== 'down';
}
