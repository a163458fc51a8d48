import type { RequestRecord, RequestRecorder } from '../forward/request-record.ts';
import type { ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import { RecordedTrace } from './recorded-trace.ts';
import type { SpanMaker } from './span-maker.ts';
import type { SpanQueue } from './span-queue.ts';

/** Makes spans of the requests and connections that were sampled, and has them exported. */
export class TraceRecorder implements RequestRecorder, ConnectionRecorder {
  readonly #maker: SpanMaker;
  readonly #queue: Pick<SpanQueue, 'add'>;

  constructor(maker: SpanMaker, queue: Pick<SpanQueue, 'add'>) {
    this.#maker = maker;
    this.#queue = queue;
  }

  requestFinished(record: RequestRecord): void {
    const { trace } = record;
    if (trace instanceof RecordedTrace) this.#queue.add(this.#maker.ofRequest(record, trace));
  }

  connectionFinished(record: ConnectionRecord): void {
    const { trace } = record;
    if (trace !== undefined) this.#queue.add([this.#maker.ofConnection(record, trace)]);
  }
}
