import type { CancelTimer, Clock, Logger, Random } from '@holdfast/shared';
import { afterEvent } from './after-event.ts';
import { PROTOCOL, type WorkerMessage } from './messages.ts';
import type { WorkerEvents, WorkerHandle } from './worker-process.ts';
import {
  livingWorkers,
  newWorkforce,
  servingWorkers,
  type WorkerNumber,
  type Workforce,
  type WorkforceCommand,
  type WorkforceEvent,
} from './workforce.ts';

/** A worker that has a process. */
export interface Member {
  readonly number: WorkerNumber;
  readonly process: WorkerHandle;
  readonly startedAtMs: number;
  /** The release of its code, once it has said hello. */
  release: string | undefined;
  /** What it said last of the sockets on which it accepts; none before it serves. */
  serving: Extract<WorkerMessage, { kind: 'serving' }> | undefined;
  /** Whether it has said that it is cut off from most endpoints. */
  isCutOff: boolean;
  cancelDeadline: CancelTimer;
}

/** What a crew leaves to others. */
export interface CrewDuties {
  /** Has a worker that is ready to be told begin to serve. */
  start(member: Member): void;
  /** Takes what a worker says in its work. */
  said(member: Member, message: WorkerMessage): void;
  /** Some worker serves that did not, or the other way round. */
  changed(): void;
  /** A worker is gone. */
  gone(member: Member): void;
}

export interface CrewOptions {
  readonly size: number;
  readonly launch: (events: WorkerEvents) => WorkerHandle;
  readonly duties: CrewDuties;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/** How long a worker may take from its first moment until it says hello, and again from its start until it serves. */
const START_DEADLINE_MS = 30_000;
/** What a worker may take to end beyond the time that it has named. */
const LEAVING_GRACE_MS = 2_000;

/** The processes of a workforce. It does what the workforce's state machine says, and tells it what comes of that. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #members = new Map<WorkerNumber, Member>();
  readonly #ended = Promise.withResolvers<boolean>();
  readonly #hasServed = Promise.withResolvers<void>();
  #workforce: Workforce;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#workforce = newWorkforce(options.size);
  }

  /** Settles when no process is left and none will be; with whether that was wanted. */
  get ended(): Promise<boolean> {
    return this.#ended.promise;
  }

  /** Settles when a worker serves for the first time. */
  get hasServed(): Promise<void> {
    return this.#hasServed.promise;
  }

  get workforce(): Workforce {
    return this.#workforce;
  }

  /** Those that accept. */
  get serving(): readonly Member[] {
    return this.#membersOf(servingWorkers(this.#workforce));
  }

  get living(): readonly Member[] {
    return this.#membersOf(livingWorkers(this.#workforce));
  }

  begin(): void {
    this.#take({ kind: 'begin' });
  }

  /** A worker is told to begin: from now on it has so long until it must serve. */
  startsNow(member: Member): void {
    member.cancelDeadline();
    member.cancelDeadline = this.#deadlineOf(member.process);
  }

  /** Replaces every worker by one of the code that is on disk by then, one after the other. */
  upgrade(): void {
    this.#options.log.info({}, 'upgrade: replacing every worker');
    this.#take({ kind: 'upgrade' });
  }

  /** Has all workers leave in good order, and replaces none any more. */
  stop(): void {
    this.#take({ kind: 'stop' });
  }

  /** Ends all processes now. */
  abort(): void {
    for (const { process } of this.#members.values()) process.kill();
  }

  #membersOf(numbers: readonly WorkerNumber[]): readonly Member[] {
    return numbers.map((number) => this.#members.get(number)).filter((member) => member !== undefined);
  }

  #take(event: WorkforceEvent): void {
    const { clock, random, duties } = this.#options;
    const before = this.#workforce;
    const step = afterEvent(before, event, { nowMs: clock.elapsed(), random });
    this.#workforce = step.workforce;
    for (const command of step.commands) this.#carryOut(command);
    if (step.workforce !== before) duties.changed();
  }

  #carryOut(command: WorkforceCommand): void {
    const { clock, log } = this.#options;
    switch (command.kind) {
      case 'spawn':
        return this.#spawn(command.worker);
      case 'dismiss':
      case 'shut-down':
        return this.#sendAway(command.worker, command.kind);
      case 'kill':
        return this.#members.get(command.worker)?.process.kill();
      case 'plan-restart':
        log.warn({ delay_ms: Math.round(command.delayMs) }, 'workers end early: waiting before the next one');
        // Nothing else may be left that keeps the supervisor alive.
        clock.after(command.delayMs, () => this.#take({ kind: 'restart-due', slot: command.slot }), true);
        return;
      case 'upgraded':
        return log.info({}, 'upgrade: every worker has been replaced');
      case 'upgrade-failed':
        return log.error({}, 'upgrade: the new worker did not start, the others stay');
      case 'end':
        return this.#ended.resolve(command.isOrderly);
    }
  }

  #spawn(number: WorkerNumber): void {
    const { clock, launch } = this.#options;
    const process = launch({
      said: (message) => this.#said(member, message),
      ended: (how) => this.#hasEnded(member, how),
    });
    const member: Member = {
      number,
      process,
      startedAtMs: clock.now(),
      release: undefined,
      serving: undefined,
      isCutOff: false,
      cancelDeadline: this.#deadlineOf(process),
    };
    this.#members.set(number, member);
  }

  #deadlineOf(process: WorkerHandle): CancelTimer {
    return this.#options.clock.after(START_DEADLINE_MS, () => process.kill());
  }

  #sendAway(number: WorkerNumber, kind: 'dismiss' | 'shut-down'): void {
    const member = this.#members.get(number);
    if (member === undefined) return;
    member.process.send({ kind });
    member.cancelDeadline();
    const withinMs = (member.serving?.leavesWithinMs ?? 0) + LEAVING_GRACE_MS;
    member.cancelDeadline = this.#options.clock.after(withinMs, () => member.process.kill());
  }

  #said(member: Member, message: WorkerMessage): void {
    const { duties, log } = this.#options;
    const about = { worker: member.number, worker_pid: member.process.pid };
    if (message.kind === 'hello') {
      member.release = message.release;
      // It may have to wait for its turn, and for that it takes no blame.
      member.cancelDeadline();
      if (message.protocol === PROTOCOL) return duties.start(member);
      log.error(
        { ...about, release: message.release },
        'a worker of that release needs a restart of the node',
      );
      return member.process.kill();
    }
    if (message.kind === 'serving') {
      const isNew = member.serving === undefined;
      member.serving = message;
      if (isNew) {
        member.cancelDeadline();
        log.info({ ...about, release: member.release }, 'worker serves');
        this.#take({ kind: 'serving', worker: member.number });
        this.#hasServed.resolve();
      }
    }
    duties.said(member, message);
  }

  #hasEnded(member: Member, how: string): void {
    const { duties, log } = this.#options;
    member.cancelDeadline();
    this.#members.delete(member.number);
    const fields = { worker: member.number, worker_pid: member.process.pid, how };
    if (this.#workforce.leaving.has(member.number)) log.debug(fields, 'worker has left');
    else log.warn(fields, 'worker is gone');
    duties.gone(member);
    this.#take({ kind: 'gone', worker: member.number });
  }
}
