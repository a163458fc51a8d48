import type { HoldfastError } from '@holdfast/shared';
import { eventually } from '@holdfast/store/testing';
import type {
  ResponseHeadView,
  UpstreamEvents,
  UpstreamHead,
  UpstreamProgress,
} from '../upstream/upstream.ts';

/** A request for an endpoint, written by hand. */
export const upstreamHead = (
  text = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n',
  changes: Partial<UpstreamHead> = {},
): UpstreamHead => ({
  method: text.slice(0, text.indexOf(' ')),
  text,
  body: 'none',
  isUpgrade: false,
  isReplayable: false,
  ...changes,
});

/** Keeps what came back of a request. It throws on an event after the last one, which the port promises not to send. */
export class UpstreamLog implements UpstreamEvents {
  readonly interim: number[] = [];
  status: number | undefined;
  fields: readonly string[] = [];
  body = '';
  trailers: readonly string[] | undefined;
  error: HoldfastError | undefined;
  progress: UpstreamProgress | undefined;
  /** How often the request body was asked for. */
  wishes = 0;
  flushes = 0;
  /** How often it was told to be under way. */
  reminders = 0;

  /** Whether the request has been answered or has failed. */
  get isOver(): boolean {
    return this.trailers !== undefined || this.error !== undefined;
  }

  onUpstreamInformation({ status }: ResponseHeadView): void {
    this.#note();
    this.interim.push(status);
  }

  onUpstreamHead({ status, fields }: ResponseHeadView): void {
    this.#note();
    this.status = status;
    this.fields = fields.toList();
  }

  onUpstreamBody(chunk: Buffer): void {
    this.#note();
    this.body += chunk.toString('latin1');
  }

  onUpstreamFlush(): void {
    this.#note();
    this.flushes++;
  }

  onUpstreamEnd(trailers: readonly string[]): void {
    this.#note();
    this.trailers = trailers;
  }

  onUpstreamError(error: HoldfastError, progress: UpstreamProgress): void {
    this.#note();
    this.error = error;
    this.progress = progress;
  }

  onUpstreamHeld(): void {
    this.reminders++;
  }

  onUpstreamWritable(): void {
    this.#note();
    this.wishes++;
  }

  /** Waits until the request has been answered or has failed. */
  async over(): Promise<this> {
    await eventually('the request is over', () => this.isOver);
    return this;
  }

  #note(): void {
    if (this.isOver) throw new TypeError('an event after the last one');
  }
}
