import type { CancelTimer, Clock, Logger } from '@holdfast/shared';
import type { Span } from './span.ts';

/** What became of an export. */
export type ExportResult =
  | { readonly kind: 'arrived' }
  /** For people: what it failed on. */
  | { readonly kind: 'lost'; readonly reason: string };

/** Takes spans to somebody who keeps them. */
export interface SpanExporter {
  /** The spans as they are sent. What waits in that form keeps no text of its request alive, and its size is known. */
  encode(spans: readonly Span[]): Uint8Array;
  /** Never rejects. It need not settle either: nobody waits longer than the queue's timeout. */
  export(encoded: readonly Uint8Array[]): Promise<ExportResult>;
  /** Breaks off what is under way: nobody waits for it any more. */
  abort(): void;
  /** Ends what it holds open. */
  close(): Promise<void>;
}

export interface SpanQueueOptions {
  readonly exporter: SpanExporter;
  readonly clock: Clock;
  readonly log: Logger;
  /** The longest that one export may take, in milliseconds; then its spans are lost. */
  readonly exportTimeoutMs: number;
}

/** The spans of a request, or of a connection. */
interface EncodedTrace {
  readonly bytes: Uint8Array;
  readonly spans: number;
}

/** What waits at most. A trace for which there is no room is lost as a whole. */
const BYTES_MAX = 8 * 1_024 * 1_024;
/** What is exported together: some hundred requests. */
const BATCH_BYTES = 256 * 1_024;
/** How long a span waits for company. */
const DELAY_MS = 250;

/**
 * The spans that are to be exported, one batch after the other. Whoever adds some never waits: what is too much, or what a
 * collector that is slow, wrong or away does not take, is lost and counted.
 */
export class SpanQueue {
  /** Spans that were lost. */
  dropped = 0;
  readonly #options: SpanQueueOptions;
  readonly #waiting: EncodedTrace[] = [];
  #waitingBytes = 0;
  #exporting: Promise<void> | undefined;
  #cancelDelay: CancelTimer | undefined;
  #isLosing = false;
  #isClosed = false;

  constructor(options: SpanQueueOptions) {
    this.#options = options;
  }

  /** Adds the spans of a trace, all of them or none. */
  add(spans: readonly Span[]): void {
    if (this.#isClosed || this.#waitingBytes >= BYTES_MAX)
      return this.#lost(spans.length, 'more spans come than are taken');
    const bytes = this.#options.exporter.encode(spans);
    this.#waiting.push({ bytes, spans: spans.length });
    this.#waitingBytes += bytes.length;
    this.#schedule();
  }

  /** Takes nothing more and exports what there is. What has not gone by the deadline is lost. */
  async close(deadlineMs: number): Promise<void> {
    this.#isClosed = true;
    const { clock, exporter } = this.#options;
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(deadlineMs, late.resolve, true);
    this.#schedule();
    await Promise.race([this.#emptied(), late.promise]);
    const left = spansIn(this.#take(Number.POSITIVE_INFINITY));
    if (left > 0) this.#lost(left, 'the node has ended');
    await Promise.race([exporter.close(), late.promise]);
    cancel();
  }

  async #emptied(): Promise<void> {
    while (this.#exporting !== undefined) await this.#exporting;
  }

  /** Exports what waits: at once if it is a batch or there is no time left, else a little later. */
  #schedule(): void {
    if (this.#exporting !== undefined || this.#waiting.length === 0) return;
    if (this.#waitingBytes >= BATCH_BYTES || this.#isClosed) this.#begin();
    else this.#cancelDelay ??= this.#options.clock.after(DELAY_MS, () => this.#begin());
  }

  #begin(): void {
    this.#cancelDelay?.();
    this.#cancelDelay = undefined;
    this.#exporting = this.#export(this.#take(BATCH_BYTES)).then(() => {
      this.#exporting = undefined;
      this.#schedule();
    });
  }

  /** The traces that have waited longest, until they are so many bytes or more. */
  #take(bytesMin: number): readonly EncodedTrace[] {
    let bytes = 0;
    let count = 0;
    for (; count < this.#waiting.length && bytes < bytesMin; count++)
      bytes += (this.#waiting[count] as EncodedTrace).bytes.length;
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  async #export(batch: readonly EncodedTrace[]): Promise<void> {
    const { clock, exporter, exportTimeoutMs } = this.#options;
    const late = Promise.withResolvers<ExportResult>();
    const cancel = clock.after(exportTimeoutMs, () => {
      late.resolve({ kind: 'lost', reason: 'no answer in time' });
      exporter.abort();
    });
    const result = await Promise.race([exporter.export(batch.map(({ bytes }) => bytes)), late.promise]);
    cancel();
    if (result.kind === 'arrived') this.#arrived();
    else this.#lost(spansIn(batch), result.reason);
  }

  #arrived(): void {
    // Where more comes than goes, each batch that arrives is followed by one that is lost.
    if (!this.#isLosing || this.#waitingBytes >= BATCH_BYTES) return;
    this.#isLosing = false;
    this.#options.log.info({ dropped: this.dropped }, 'traces are exported again');
  }

  #lost(spans: number, reason: string): void {
    this.dropped += spans;
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#options.log.warn({ reason }, 'traces are lost');
  }
}

const spansIn = (traces: readonly EncodedTrace[]): number =>
  traces.reduce((sum, { spans }) => sum + spans, 0);
