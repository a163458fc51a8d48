import type { TrafficLog } from '../record/traffic-log.ts';
import type { MetricsSnapshot } from '../telemetry/snapshot.ts';
import { type Answer, refused, told } from './answer.ts';
import { DrainOperations, type DrainOperationsParts } from './drain-operations.ts';
import { EndpointAdditions, type EndpointAdditionsParts } from './endpoint-additions.ts';
import { EventLog, type EventLogParts } from './event-log.ts';
import { Explainer, type ExplainerParts } from './explainer.ts';
import { question } from './question.ts';
import { RebalanceOperations, type RebalanceOperationsParts } from './rebalance-operations.ts';
import { SessionOperations, type SessionOperationsParts } from './session-operations.ts';

export interface OperatorParts
  extends DrainOperationsParts,
    SessionOperationsParts,
    ExplainerParts,
    RebalanceOperationsParts,
    EndpointAdditionsParts,
    EventLogParts {
  /** What this process has counted so far, and how it is now. */
  readonly metrics: () => MetricsSnapshot;
  readonly pools: DrainOperationsParts['pools'] & ExplainerParts['pools'] & EndpointAdditionsParts['pools'];
  readonly traffic: Pick<TrafficLog, 'since'>;
}

/** Answers the questions of operators in a process that has the session map and the pools. */
export class Operator {
  readonly #drains: DrainOperations;
  readonly #sessions: SessionOperations;
  readonly #rebalances: RebalanceOperations;
  readonly #additions: EndpointAdditions;
  readonly #explainer: Explainer;
  readonly #events: EventLog;
  readonly #traffic: OperatorParts['traffic'];
  readonly #metrics: OperatorParts['metrics'];

  constructor(parts: OperatorParts) {
    this.#drains = new DrainOperations(parts);
    this.#sessions = new SessionOperations(parts);
    this.#rebalances = new RebalanceOperations(parts);
    this.#additions = new EndpointAdditions(parts);
    this.#explainer = new Explainer(parts);
    this.#events = new EventLog(parts);
    this.#traffic = parts.traffic;
    this.#metrics = parts.metrics;
  }

  /** @param given a {@link Question}, maybe of another release */
  async answer(given: unknown): Promise<Answer> {
    const { data: asked } = question.safeParse(given);
    switch (asked?.kind) {
      case 'occupancy':
        return this.#drains.occupancy();
      case 'list-drains':
        return this.#drains.list();
      case 'drain':
        return this.#drains.drain(asked);
      case 'undrain':
        return this.#drains.undrain(asked);
      case 'add-endpoint':
        return this.#additions.add(asked);
      case 'remove-endpoint':
        return this.#additions.remove(asked);
      case 'list-sessions':
        return this.#sessions.list(asked);
      case 'get-session':
        return this.#sessions.get(asked);
      case 'move-session':
        return this.#sessions.move(asked);
      case 'unpin-session':
        return this.#sessions.unpin(asked);
      case 'rebalance':
        return this.#rebalances.begin(asked);
      case 'get-rebalance':
        return this.#rebalances.get(asked);
      case 'stop-rebalance':
        return this.#rebalances.stop(asked);
      case 'events':
        return this.#events.since(asked);
      case 'traffic':
        return told(this.#traffic.since(asked.after));
      case 'metrics':
        return told(this.#metrics());
      case 'explain':
        return this.#explainer.explain(asked);
      case 'explain-session':
        return this.#explainer.explainSession(asked);
      case undefined:
        return refused('DOWNSTREAM_BAD_REQUEST', 'this release of the node does not know what was asked');
    }
  }
}
