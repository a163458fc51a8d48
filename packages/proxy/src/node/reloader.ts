import { type Clock, HoldfastError, type Logger, Turns } from '@holdfast/shared';
import { changeFields } from './config-changes.ts';
import type { ConfigSource } from './config-source.ts';
import { ConfigWatch } from './config-watch.ts';
import type { CurrentConfig, ReloadOutcome, ReloadReport, ReloadTrigger } from './current-config.ts';
import type { Preparation } from './node-reload.ts';

export interface ReloaderOptions {
  readonly source: ConfigSource;
  readonly current: Pick<CurrentConfig, 'lastReload'>;
  /** Makes what another text needs, without a change to what serves. */
  readonly prepare: (text: string) => Promise<Preparation>;
  /** Told of each reload that is over. Default: nobody is. */
  readonly reloaded?: ((report: ReloadReport) => void) | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const LEAVING: ReloadOutcome = {
  outcome: 'refused',
  cause: 'system',
  problems: ['the node is leaving'],
};

const defect = (error: unknown): ReloadOutcome => ({
  outcome: 'refused',
  cause: 'system',
  problems: [HoldfastError.from(error).message],
});

/**
 * Has a node go by what its configuration file says now: when it is asked to, and when the file changes. One reload after
 * the other.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #watch: ConfigWatch;
  readonly #turns = new Turns();
  #isOver = false;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#watch = new ConfigWatch(options.source, options.clock, () => this.reload('file'));
  }

  /** From now on the file is watched. */
  start(): void {
    this.#watch.start();
  }

  /** Nothing is reloaded any more. */
  stop(): void {
    this.#isOver = true;
    this.#watch.stop();
  }

  /** Reads the file and goes by it, after the reloads that were asked for before. Never rejects. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport> {
    return this.#turns.take(() => this.#reload(trigger));
  }

  async #reload(trigger: ReloadTrigger): Promise<ReloadReport> {
    const { clock, current } = this.#options;
    // A defect must not keep later reloads from their turn, nor end a node that serves.
    const outcome = await this.#attempt().catch(defect);
    const report = { ...outcome, trigger, atMs: clock.now() };
    current.lastReload = report;
    this.#options.reloaded?.(report);
    this.#tell(report);
    return report;
  }

  async #attempt(): Promise<ReloadOutcome> {
    const { source } = this.#options;
    if (this.#isOver) return LEAVING;
    const read = await source.read().catch((error: unknown) => ({ problem: source.unreadable(error) }));
    if (typeof read === 'string') return this.#apply(read);
    return { outcome: 'refused', cause: 'configuration', problems: [read.problem] };
  }

  async #apply(text: string): Promise<ReloadOutcome> {
    this.#watch.settle(text);
    const prepared = await this.#options.prepare(text);
    if (prepared.kind === 'refused')
      return { outcome: 'refused', cause: prepared.cause, problems: prepared.problems };
    if (this.#isOver) {
      await prepared.discard();
      return LEAVING;
    }
    await prepared.commit();
    return { outcome: 'applied', changes: prepared.changes };
  }

  #tell(report: ReloadReport): void {
    const { log } = this.#options;
    const { trigger } = report;
    if (report.outcome === 'applied') {
      log.info({ trigger, ...changeFields(report.changes) }, 'configuration reloaded');
      return;
    }
    const problems = report.problems.join('\n');
    log.error({ trigger, problems }, 'configuration not reloaded: the one before stays in force');
  }
}
