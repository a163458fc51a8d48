import type { Clock, EpochMs } from '@holdfast/shared';
import type { Operations } from '../admin/admin-app.ts';
import type { NodePhase } from '../admin/node-status.ts';
import { readinessOf } from '../admin/readiness.ts';
import { describeReload } from '../admin/reload-answer.ts';
import type { CurrentConfig } from '../node/current-config.ts';
import type { Member } from './crew.ts';
import { mergedReport } from './merged-report.ts';
import type { Supervisor } from './supervisor.ts';

export interface SupervisedStatusParts {
  readonly supervisor: Supervisor;
  readonly current: CurrentConfig;
  readonly clock: Clock;
}

type Status = Operations['status'];

/** What a node of several workers says of itself. */
export class SupervisedStatus implements Status {
  isLeaving = false;
  readonly #parts: SupervisedStatusParts;
  readonly #startedAtMs: EpochMs;

  constructor(parts: SupervisedStatusParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
  }

  /** One worker is enough: it accepts on every socket of the node. What one of them does not reach, none does. */
  readiness(): ReturnType<Status['readiness']> {
    const isCutOff = this.#parts.supervisor.crew.serving.some((member) => member.isCutOff);
    return readinessOf(this.phase, isCutOff);
  }

  /** The whole state, for people and scripts: that of all workers, and of each. */
  async report(): Promise<object> {
    const { supervisor, current, clock } = this.#parts;
    const reports = await supervisor.reports();
    const merged = mergedReport(reports.map(({ member, report }) => ({ known: knownOf(member), report })));
    return {
      ...merged,
      phase: this.phase,
      pid: process.pid,
      uptimeSeconds: Math.floor((clock.now() - this.#startedAtMs) / 1000),
      configuration: {
        hash: current.hash,
        fingerprint: current.fingerprint,
        loadedAt: new Date(current.loadedAtMs).toISOString(),
        lastReload: current.lastReload && describeReload(current.lastReload),
      },
    };
  }

  get phase(): NodePhase {
    if (this.isLeaving) return 'leaving';
    return this.#parts.supervisor.crew.serving.length > 0 ? 'serving' : 'starting';
  }
}

const knownOf = ({ number, process, release, startedAtMs }: Member) => ({
  worker: number,
  pid: process.pid,
  release,
  startedAt: new Date(startedAtMs).toISOString(),
});
