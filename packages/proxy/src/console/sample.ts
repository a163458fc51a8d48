import { type EpochMs, RestedQuestion } from '@holdfast/shared';
import type { Operations } from '../admin/admin-app.ts';
import type { Answer } from '../admin/answer.ts';
import { endpointViews, type TaggedEndpoint } from '../admin/endpoint-views.ts';
import { type Occupancy, readDrains, readOccupancy } from '../admin/occupancy.ts';
import { DrainProgress } from './drain-progress.ts';
import { EndpointLatencies, type EndpointLatency } from './endpoint-latencies.ts';
import { type NodeReport, readReport } from './node-report.ts';

/** How things are at a moment: what all pages show that are open at that moment. */
export interface Sample {
  readonly atMs: EpochMs;
  readonly report: NodeReport;
  readonly endpoints: readonly SampledEndpoint[];
  /** Whether the session map could be asked for drains and pins. */
  readonly isCounted: boolean;
}

export interface SampledEndpoint extends TaggedEndpoint {
  /** The most sessions that were seen to be pinned there since its drain began; undefined while it does not drain. */
  readonly mostPinned: number | undefined;
  /** In the last minute, as far as somebody has looked; undefined where no answer came, or no metrics are kept. */
  readonly latency?: EndpointLatency | undefined;
}

type Asked = Pick<Operations, 'status' | 'ask' | 'clock' | 'metrics'>;

/** Pages that are asked for at the same time share a sample. */
const SHARED_FOR_MS = 100;
/** Counting is work for the store, the more the more sessions there are: it is asked no more often than this. */
const COUNT_INTERVAL_MS = 1_000;
const LATENCY_INTERVAL_MS = 2_000;

/** Asks a node how things are, for everybody who looks. Nothing is asked while nobody does. */
export class Sampler {
  readonly #operations: Asked;
  readonly #progress = new DrainProgress();
  readonly #latencies = new EndpointLatencies();
  #timeAgainAtMs = 0;
  #shared: { readonly untilMs: number; readonly sample: Promise<Sample> } | undefined;
  readonly #occupancy: RestedQuestion<Occupancy | undefined>;

  constructor(operations: Asked) {
    this.#operations = operations;
    const { clock } = operations;
    const ask = () => this.#askOccupancy();
    this.#occupancy = new RestedQuestion({ ask, keptForMs: () => COUNT_INTERVAL_MS, clock });
  }

  take(): Promise<Sample> {
    const nowMs = this.#operations.clock.elapsed();
    if (this.#shared === undefined || nowMs >= this.#shared.untilMs)
      this.#shared = { untilMs: nowMs + SHARED_FOR_MS, sample: this.#look() };
    return this.#shared.sample;
  }

  /** Has the next sample be of what is then: something has been changed. */
  forget(): void {
    this.#shared = undefined;
    this.#occupancy.forget();
  }

  async #look(): Promise<Sample> {
    const { status, ask, clock } = this.#operations;
    const [reported, counted, drains] = await Promise.all([
      status.report(),
      this.#occupancy.take(),
      ask({ kind: 'list-drains' }),
      this.#time(),
    ]);
    const occupancy = isStoreAway(drains) ? undefined : withDrains(counted, drains);
    const endpoints = endpointViews(reported, occupancy);
    this.#progress.see(endpoints.map(({ view }) => view));
    return {
      atMs: clock.now(),
      report: readReport(reported),
      endpoints: endpoints.map((each) => ({
        ...each,
        mostPinned: this.#progress.mostPinnedOf(each.view.id),
        latency: this.#latencies.of(each.view.id),
      })),
      isCounted: occupancy !== undefined,
    };
  }

  async #time(): Promise<void> {
    const { metrics, clock } = this.#operations;
    const nowMs = clock.elapsed();
    if (metrics === undefined || nowMs < this.#timeAgainAtMs) return;
    this.#timeAgainAtMs = nowMs + LATENCY_INTERVAL_MS;
    this.#latencies.see(await metrics.read(), nowMs);
  }

  async #askOccupancy(): Promise<Occupancy | undefined> {
    return readOccupancy(await this.#operations.ask({ kind: 'occupancy' }));
  }
}

const isStoreAway = (answer: Answer): boolean =>
  answer.kind === 'refused' && answer.code.startsWith('STORE_');

/** What was counted a while ago is about right; a drain of that time may be over, or another one have begun. */
const withDrains = (counted: Occupancy | undefined, drains: Answer): Occupancy | undefined =>
  counted && { ...counted, drains: readDrains(drains) ?? counted.drains };
