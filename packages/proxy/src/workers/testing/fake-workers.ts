import type { SupervisorMessage, WorkerMessage } from '../messages.ts';
import { PROTOCOL } from '../messages.ts';
import type { WorkerEvents, WorkerHandle } from '../worker-process.ts';

/** A worker without a process, whose words and end a test makes up. */
export class FakeWorker implements WorkerHandle {
  readonly pid: number;
  /** What it was told, in order. */
  readonly heard: SupervisorMessage[] = [];
  isKilled = false;
  readonly #events: WorkerEvents;

  constructor(pid: number, events: WorkerEvents) {
    this.pid = pid;
    this.#events = events;
  }

  send(message: SupervisorMessage): void {
    this.heard.push(message);
  }

  kill(): void {
    this.isKilled = true;
  }

  say(message: WorkerMessage): void {
    this.#events.said(message);
  }

  hello(protocol = PROTOCOL): void {
    this.say({ kind: 'hello', protocol, release: '1.0.0' });
  }

  serve(...keys: readonly string[]): void {
    const sockets = keys.map((key) => ({ listener: 'web', key }));
    this.say({ kind: 'serving', sockets, leavesWithinMs: 5_000 });
  }

  end(how = 'SIGKILL'): void {
    this.#events.ended(how);
  }

  /** The kinds of what it was told, in order. */
  get kinds(): readonly string[] {
    return this.heard.map(({ kind }) => kind);
  }
}

/** Starts fake workers and keeps them in the order of their start: the first is number 1. */
export class FakeWorkers {
  readonly all: FakeWorker[] = [];

  readonly launch = (events: WorkerEvents): FakeWorker => {
    const worker = new FakeWorker(1_000 + this.all.length + 1, events);
    this.all.push(worker);
    return worker;
  };

  /** The worker of that number. */
  get(number: number): FakeWorker {
    return this.all[number - 1] as FakeWorker;
  }
}
