import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterEvent } from './after-event.ts';
import { STEADY_AFTER_MS } from './restart-delay.ts';
import {
  livingWorkers,
  newWorkforce,
  proberOf,
  servingWorkers,
  type WorkerNumber,
  type Workforce,
  type WorkforceCommand,
  type WorkforceEvent,
} from './workforce.ts';

/** A workforce whose events a test makes, at the moments that it names. */
class Trial {
  workforce: Workforce;
  nowMs = 0;
  readonly #random = seededRandom(1);

  constructor(size: number) {
    this.workforce = newWorkforce(size);
  }

  /** Takes the events in turn and answers with all that is to be done about them, as short words. */
  take(...events: readonly WorkforceEvent[]): readonly string[] {
    return events.flatMap((event) => this.commandsOf(event).map(wordOf));
  }

  commandsOf(event: WorkforceEvent): readonly WorkforceCommand[] {
    const step = afterEvent(this.workforce, event, { nowMs: this.nowMs, random: this.#random });
    this.workforce = step.workforce;
    return step.commands;
  }

  /** Begins, and has all workers of the first round serve. */
  static serving(size: number): Trial {
    const trial = new Trial(size);
    trial.take({ kind: 'begin' });
    for (let worker = 1; worker <= size; worker++) trial.take(serving(worker));
    return trial;
  }
}

const serving = (worker: WorkerNumber): WorkforceEvent => ({ kind: 'serving', worker });
const gone = (worker: WorkerNumber): WorkforceEvent => ({ kind: 'gone', worker });

const wordOf = (command: WorkforceCommand): string => {
  if ('worker' in command) return `${command.kind} ${command.worker}`;
  if (command.kind === 'plan-restart') return `restart ${command.slot} in ${Math.round(command.delayMs)} ms`;
  return command.kind === 'end' ? `end ${command.isOrderly ? 'orderly' : 'failed'}` : command.kind;
};

describe('a workforce', () => {
  it('begins with all its workers', () => {
    const trial = new Trial(3);
    expect(trial.take({ kind: 'begin' })).toEqual(['spawn 1', 'spawn 2', 'spawn 3']);
    expect(servingWorkers(trial.workforce)).toEqual([]);
    trial.take(serving(2), serving(1));
    expect(servingWorkers(trial.workforce)).toEqual([1, 2]);
  });

  it('gives up when a worker ends before any of them has served', () => {
    const trial = new Trial(3);
    trial.take({ kind: 'begin' });
    expect(trial.take(gone(2))).toEqual(['kill 1', 'kill 3']);
    expect(trial.take(serving(1), gone(1))).toEqual([]);
    expect(trial.take(gone(3))).toEqual(['end failed']);
  });

  it('does not give up once one has served', () => {
    const trial = new Trial(2);
    trial.take({ kind: 'begin' }, serving(1));
    expect(trial.take(gone(2))).toEqual(['spawn 3']);
  });

  it('replaces at once a worker that was steady, however often', () => {
    const trial = Trial.serving(1);
    for (let worker = 1; worker < 20; worker++) {
      trial.nowMs += STEADY_AFTER_MS;
      expect(trial.take(gone(worker))).toEqual([`spawn ${worker + 1}`]);
      trial.take(serving(worker + 1));
    }
  });

  it('replaces one that ends again and again after growing delays, and starts anew once one was steady', () => {
    const trial = Trial.serving(1);
    expect(trial.take(gone(1))).toEqual(['spawn 2']);
    const delays: number[] = [];
    for (let worker = 2; worker < 12; worker++) {
      const [command] = trial.commandsOf(gone(worker));
      delays.push(command?.kind === 'plan-restart' ? command.delayMs : 0);
      expect(trial.take({ kind: 'restart-due', slot: 0 })).toEqual([`spawn ${worker + 1}`]);
      if (worker % 2 === 0) trial.take(serving(worker + 1));
    }
    const fullMs = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
    for (const [index, delayMs] of delays.entries()) {
      expect(delayMs).toBeGreaterThan(fullMs[index]! / 2);
      expect(delayMs).toBeLessThanOrEqual(fullMs[index]!);
    }
    trial.take(serving(12));
    trial.nowMs += STEADY_AFTER_MS;
    expect(trial.take(gone(12))).toEqual(['spawn 13']);
  });

  it('lets the delay of one slot hold up no other', () => {
    const trial = Trial.serving(2);
    trial.take(gone(1), gone(3));
    expect(trial.workforce.slots.map(({ kind }) => kind)).toEqual(['waiting', 'serving']);
    expect(trial.take(gone(2))).toEqual(['spawn 4']);
  });
});

describe('an upgrade', () => {
  it('replaces one worker after the other, each dismissed only when its successor serves', () => {
    const trial = Trial.serving(2);
    expect(trial.take({ kind: 'upgrade' })).toEqual(['spawn 3']);
    expect(servingWorkers(trial.workforce)).toEqual([1, 2]);
    expect(trial.take(serving(3))).toEqual(['dismiss 1', 'spawn 4']);
    expect(trial.take(gone(1))).toEqual([]);
    expect(trial.take(serving(4))).toEqual(['dismiss 2', 'upgraded']);
    expect(livingWorkers(trial.workforce)).toEqual([3, 4, 2]);
  });

  it('is given up, and all workers stay, when a successor cannot start', () => {
    const trial = Trial.serving(2);
    trial.take({ kind: 'upgrade' });
    expect(trial.take(gone(3))).toEqual(['upgrade-failed']);
    expect(servingWorkers(trial.workforce)).toEqual([1, 2]);
    expect(trial.take({ kind: 'upgrade' })).toEqual(['spawn 4']);
  });

  it('goes on with the successor when the worker that it would follow ends', () => {
    const trial = Trial.serving(2);
    trial.take({ kind: 'upgrade' });
    expect(trial.take(gone(1))).toEqual([]);
    expect(trial.take(serving(3))).toEqual(['spawn 4']);
    expect(trial.take(serving(4))).toEqual(['dismiss 2', 'upgraded']);
  });

  it('waits for a worker that is starting, and passes over a slot whose next one is new anyway', () => {
    const trial = Trial.serving(3);
    trial.take(gone(1), gone(2), gone(5));
    expect(trial.workforce.slots.map(({ kind }) => kind)).toEqual(['starting', 'waiting', 'serving']);
    expect(trial.take({ kind: 'upgrade' })).toEqual([]);
    expect(trial.take(serving(4))).toEqual(['spawn 6']);
    expect(trial.take(serving(6))).toEqual(['dismiss 4', 'spawn 7']);
    expect(trial.take(serving(7))).toEqual(['dismiss 3', 'upgraded']);
  });

  it('begins again when it is asked for once more, as there may be newer code by now', () => {
    const trial = Trial.serving(2);
    trial.take({ kind: 'upgrade' });
    expect(trial.take({ kind: 'upgrade' })).toEqual([]);
    expect(trial.take(serving(3))).toEqual(['dismiss 1', 'spawn 4']);
    expect(trial.take(serving(4))).toEqual(['dismiss 3', 'spawn 5']);
    expect(trial.take(serving(5))).toEqual(['dismiss 2', 'upgraded']);
  });
});

describe('the end of a workforce', () => {
  it('has workers that serve leave, ends at once those that do not, and is over when all are gone', () => {
    const trial = Trial.serving(2);
    trial.take({ kind: 'upgrade' });
    expect(trial.take({ kind: 'stop' })).toEqual(['shut-down 1', 'kill 3', 'shut-down 2']);
    expect(trial.take(gone(3), gone(1), { kind: 'restart-due', slot: 0 }, { kind: 'upgrade' })).toEqual([]);
    expect(trial.take(gone(2))).toEqual(['end orderly']);
  });

  it('is told to workers that were dismissed before', () => {
    const trial = Trial.serving(1);
    trial.take({ kind: 'upgrade' }, serving(2));
    expect(trial.take({ kind: 'stop' })).toEqual(['shut-down 2', 'shut-down 1']);
  });

  it('comes at once while no worker lives', () => {
    const trial = Trial.serving(1);
    trial.take(gone(1), gone(2));
    expect(trial.take({ kind: 'stop' })).toEqual(['end orderly']);
    expect(trial.take({ kind: 'restart-due', slot: 0 })).toEqual([]);
  });
});

describe('who probes', () => {
  it('stays the same while that worker serves, and is another one as soon as it does not', () => {
    const trial = Trial.serving(3);
    expect(proberOf(trial.workforce, undefined)).toBe(1);
    expect(proberOf(trial.workforce, 2)).toBe(2);
    trial.take(gone(2));
    expect(proberOf(trial.workforce, 2)).toBe(1);
    expect(proberOf(newWorkforce(2), 1)).toBeUndefined();
  });
});

/** What the world may do next. */
const possibleEvents = (workforce: Workforce, planned: ReadonlySet<number>): readonly WorkforceEvent[] => [
  ...livingWorkers(workforce).flatMap((worker) => [serving(worker), gone(worker)]),
  ...[...planned].map((slot): WorkforceEvent => ({ kind: 'restart-due', slot })),
  { kind: 'upgrade' },
  { kind: 'upgrade' },
  { kind: 'stop' },
];

describe('whatever happens, in whatever order', () => {
  it('every slot has a worker or a restart, no worker is dismissed for nothing, and the end comes once', () => {
    const choices = fc.array(fc.nat(1_000), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), choices, (size, picks) => {
        const trial = new Trial(size);
        const planned = new Set<number>();
        const all = [...trial.commandsOf({ kind: 'begin' })];
        for (const pick of picks) {
          const events = possibleEvents(trial.workforce, planned);
          const event = events[pick % events.length]!;
          const wereServing = servingWorkers(trial.workforce).length;
          if (event.kind === 'restart-due') planned.delete(event.slot);
          const commands = trial.commandsOf(event);
          for (const command of commands) if (command.kind === 'plan-restart') planned.add(command.slot);
          if (commands.some(({ kind }) => kind === 'dismiss'))
            expect(servingWorkers(trial.workforce)).toHaveLength(wereServing);
          all.push(...commands);
          trial.nowMs += pick * 20;
        }
        const { phase, slots } = trial.workforce;
        const spawned = all.flatMap((command) => (command.kind === 'spawn' ? [command.worker] : []));
        expect(new Set(spawned).size).toBe(spawned.length);
        const ends = all.flatMap(({ kind }, index) => (kind === 'end' ? [index] : []));
        expect(ends).toEqual(phase === 'over' ? [all.length - 1] : []);
        expect(phase === 'over').toBe(phase !== 'working' && livingWorkers(trial.workforce).length === 0);
        if (phase !== 'working') return;
        const waiting = slots.flatMap(({ kind }, slot) => (kind === 'waiting' ? [slot] : []));
        expect(new Set(waiting)).toEqual(planned);
      }),
    );
  });
});
