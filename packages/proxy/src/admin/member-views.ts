import type { MemberRecord } from '@holdfast/store';
import { isVoting, type Member } from '../cluster/member.ts';
import { iso } from './iso.ts';

/** The nodes of a cluster, as one of them sees them. */
export interface ClusterView {
  /** What this node says of itself; undefined before it says anything. */
  readonly own: MemberRecord | undefined;
  /** The others. */
  readonly members: readonly Member[];
}

/** A node of the cluster, for people and scripts. */
export interface MemberView {
  readonly node: string;
  readonly state: 'self' | Member['kind'];
  readonly phase: string;
  readonly release: string;
  readonly startedAt: string;
  readonly fingerprint: string;
  /** How long ago its last beat was seen. */
  readonly silentMs: number;
  /** The endpoints that it holds down. */
  readonly holdsDown: readonly string[];
}

/** All nodes, in the order of their ids. */
export const memberViews = ({ own, members }: ClusterView): readonly MemberView[] =>
  [
    ...(own === undefined ? [] : [viewOf(own, 'self', 0)]),
    ...members.map(({ record, kind, silentMs }) => viewOf(record, kind, silentMs)),
  ].sort((a, b) => (a.node < b.node ? -1 : 1));

/** What is wrong among nodes that live. */
export function memberWarnings(views: readonly MemberView[]): readonly string[] {
  const own = views.find(({ state }) => state === 'self');
  return views
    .filter(({ state, fingerprint }) => isLiving(state) && fingerprint !== own?.fingerprint)
    .map(({ node }) => `${node} goes by other pools or secrets than this node: compare their configurations`);
}

/** Which of the nodes hold an endpoint down at the moment. */
export const heldDownBy = (views: readonly MemberView[], endpoint: string): readonly string[] =>
  views
    .filter(({ state, holdsDown }) => isLiving(state) && holdsDown.includes(endpoint))
    .map(({ node }) => node);

const isLiving = (state: MemberView['state']): boolean => state === 'self' || isVoting({ kind: state });

function viewOf(record: MemberRecord, state: MemberView['state'], silentMs: number): MemberView {
  const { node, phase, release, startedAtMs, fingerprint, opinions } = record;
  return {
    ...{ node, state, phase, release, fingerprint },
    startedAt: iso(startedAtMs),
    silentMs: Math.round(silentMs),
    holdsDown: opinions.flatMap(({ down }) => down),
  };
}
