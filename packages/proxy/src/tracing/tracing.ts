import type { Clock, Logger, NodeId, Random } from '@holdfast/shared';
import type { Config, Environment } from '@holdfast/shared/config';
import type { Store } from '@holdfast/store';
import { isTelemetryOn, otlpSettings } from '../telemetry/otlp-settings.ts';
import { resourceAttributes } from '../telemetry/resource.ts';
import { SpanMaker } from './span-maker.ts';
import { SpanQueue } from './span-queue.ts';
import { TraceRecorder } from './trace-recorder.ts';
import { tracedStore } from './traced-store.ts';
import { Tracer, type TracingRules } from './tracer.ts';

export interface TracingOptions {
  readonly config: Config;
  readonly node: NodeId;
  readonly release: string;
  /** Where the `OTEL_*` variables are. */
  readonly environment: Environment;
  readonly storeKind: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** The traces of a process, from the decision at its entrance to the collector. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Makes spans of what is over. Undefined: nobody takes any. */
  readonly recorder: TraceRecorder | undefined;
  /** Has what traced requests ask of a store become part of their traces. */
  readonly decorate: (store: Store) => Store;
  /** Spans that were lost on their way. */
  readonly dropped: number;
  /** Exports what there is, for two seconds at most. Called twice, it is the same. */
  close(): Promise<void>;
}

/** What a node that ends waits for its collector at most. */
const FLUSH_MS = 2_000;

/** Undefined where the configuration asks for no traces. */
export async function openTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { config, environment, storeKind, clock, random, log } = options;
  const rules = config.telemetry.traces;
  if (rules === undefined || !isTelemetryOn(config.telemetry, environment)) return undefined;
  const tracer = new Tracer({ rules, clock, random });
  const queue = await openQueue(options);
  if (queue === undefined) warnOfNobody(rules, log);
  const maker = new SpanMaker({ clock, newSpanId: () => tracer.newSpanId(), storeKind });
  let closing: Promise<void> | undefined;
  return {
    tracer,
    recorder: queue && new TraceRecorder(maker, queue),
    decorate: tracedStore,
    get dropped() {
      return queue?.dropped ?? 0;
    },
    close() {
      closing ??= queue?.close(FLUSH_MS) ?? Promise.resolve();
      return closing;
    },
  };
}

async function openQueue(options: TracingOptions): Promise<SpanQueue | undefined> {
  const { config, environment, node, release, clock, log } = options;
  const settings = otlpSettings(config.telemetry, environment);
  if (settings?.tracesUrl === undefined) return undefined;
  const { tracesUrl: url, headers, timeoutMs } = settings;
  const { otlpSpanExporter } = await import('./otlp-span-exporter.ts');
  const resource = { ...resourceAttributes(config, node, release, environment), 'process.pid': process.pid };
  const exporter = otlpSpanExporter({ url, headers, timeoutMs, resource, release });
  return new SpanQueue({ exporter, clock, log, exportTimeoutMs: timeoutMs });
}

function warnOfNobody({ sampling }: TracingRules, log: Logger): void {
  if (sampling > 0)
    log.warn({}, 'requests are traced and nobody takes the traces: telemetry.otlp.endpoint is not set');
}
