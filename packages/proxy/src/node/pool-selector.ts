import type { Random } from '@holdfast/shared';
import type { BalanceConfig } from '@holdfast/shared/config';
import { BoundedRendezvous } from '../balance/bounded-rendezvous.ts';
import { LeastConnections } from '../balance/least-connections.ts';
import { LeastSessions } from '../balance/least-sessions.ts';
import { RandomTwo } from '../balance/random-two.ts';
import { RoundRobin } from '../balance/round-robin.ts';
import type { Selector } from '../balance/selector.ts';
import type { SessionCounts } from '../balance/session-counts.ts';
import { SourceIp } from '../balance/source-ip.ts';

/** What balance policies need to know, or cannot do without. */
export interface SelectorEnvironment {
  readonly random: Random;
  readonly sessionCounts: SessionCounts;
}

/** The balance policy that the configuration names. */
export function selectorOf(config: BalanceConfig, { random, sessionCounts }: SelectorEnvironment): Selector {
  switch (config.policy) {
    case 'round-robin':
      return new RoundRobin(random.unit());
    case 'least-connections':
      return new LeastConnections();
    case 'least-sessions':
      return new LeastSessions(sessionCounts);
    case 'random-two':
      return new RandomTwo(random);
    case 'source-ip':
      return new SourceIp(config);
    case 'rendezvous':
      return new BoundedRendezvous(config.loadFactor ?? Number.POSITIVE_INFINITY);
  }
}
