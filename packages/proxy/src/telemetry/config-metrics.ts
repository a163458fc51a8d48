import type { EpochMs } from '@holdfast/shared';
import type { NodePhase } from '../admin/node-status.ts';
import type { ReloadReport } from '../node/current-config.ts';
import { CLUSTER_METRICS } from './catalogue/cluster-metrics.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';
import { stateIndex } from './states.ts';

/** What is the case of a node, whether it has one process or several. */
export interface NodeFacts {
  readonly phase: NodePhase;
  readonly fingerprint: string;
}

/** What the process says of its node that has the admin listener and the file of the configuration. */
export class ConfigMetrics implements MetricSource {
  readonly #facts: () => NodeFacts;
  readonly #sinceMs: EpochMs;
  readonly #reloads: Record<ReloadReport['outcome'], number> = { applied: 0, refused: 0 };

  constructor(facts: () => NodeFacts, sinceMs: EpochMs) {
    this.#facts = facts;
    this.#sinceMs = sinceMs;
  }

  reloaded({ outcome }: Pick<ReloadReport, 'outcome'>): void {
    this.#reloads[outcome]++;
  }

  collect(): MetricsSnapshot {
    const { phase, fingerprint } = this.#facts();
    const { reloads, config, phase: phases } = CLUSTER_METRICS;
    return [
      {
        name: reloads.name,
        points: Object.entries(this.#reloads).map(([result, value]) => ({
          attributes: { 'holdfast.config.reload.result': result },
          value,
          sinceMs: this.#sinceMs,
        })),
      },
      {
        name: config.name,
        points: [{ attributes: { 'holdfast.config.fingerprint': fingerprint }, value: 1 }],
      },
      { name: phases.name, points: [{ attributes: {}, value: stateIndex(phases, phase) }] },
    ];
  }
}
