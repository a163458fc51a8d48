import type { Random } from '@holdfast/shared';
import { restartDelayMs, STEADY_AFTER_MS } from './restart-delay.ts';
import {
  livingWorkers,
  type Slot,
  servingIn,
  startingIn,
  type WorkerNumber,
  type Workforce,
  type WorkforceCommand,
  type WorkforceEvent,
} from './workforce.ts';

/** What an event has made of a workforce, and what is to be done about it, in this order. */
export interface Step {
  readonly workforce: Workforce;
  readonly commands: readonly WorkforceCommand[];
}

/** What a step may know of the world. */
export interface StepContext {
  /** By a clock that never goes back. */
  readonly nowMs: number;
  readonly random: Random;
}

/** The only way from one state of a workforce to the next. What no longer matters changes nothing. */
export function afterEvent(workforce: Workforce, event: WorkforceEvent, context: StepContext): Step {
  if (workforce.phase === 'over') return unchanged(workforce);
  const step = stepAfter(workforce, event, context);
  const hasFailed = step.commands.some(({ kind }) => kind === 'upgrade-failed');
  const isDone = workforce.upgrading.length > 0 && step.workforce.upgrading.length === 0;
  if (!isDone || hasFailed || !isKept(step.workforce)) return step;
  return { ...step, commands: [...step.commands, { kind: 'upgraded' }] };
}

function stepAfter(workforce: Workforce, event: WorkforceEvent, context: StepContext): Step {
  switch (event.kind) {
    case 'begin':
      return inTurn(workforce, workforce.slots.keys(), spawnFor);
    case 'serving':
      return afterServing(workforce, event.worker, context);
    case 'gone':
      return afterGone(workforce, event.worker, context);
    case 'restart-due':
      return workforce.slots[event.slot]?.kind === 'waiting' && isKept(workforce)
        ? spawnFor(workforce, event.slot)
        : unchanged(workforce);
    case 'upgrade':
      return isKept(workforce) ? goOnUpgrading(withUpgradeOfAll(workforce)) : unchanged(workforce);
    case 'stop':
      return isKept(workforce) ? disband(workforce, 'stopping') : unchanged(workforce);
  }
}

/** Whether workers that end are replaced. */
const isKept = ({ phase }: Workforce): boolean => phase === 'starting' || phase === 'working';

const unchanged = (workforce: Workforce): Step => ({ workforce, commands: [] });

const withSlot = (workforce: Workforce, index: number, slot: Slot): Workforce => ({
  ...workforce,
  slots: workforce.slots.with(index, slot),
});

/** One step after the other. */
function inTurn<Item>(
  workforce: Workforce,
  items: Iterable<Item>,
  take: (workforce: Workforce, item: Item) => Step,
): Step {
  let step = unchanged(workforce);
  for (const item of items) step = followedBy(step, (next) => take(next, item));
  return step;
}

function followedBy({ workforce, commands }: Step, take: (workforce: Workforce) => Step): Step {
  const next = take(workforce);
  return { workforce: next.workforce, commands: [...commands, ...next.commands] };
}

/** Gives a slot a worker that starts: its own, or the successor of the one that serves. */
function spawnFor(workforce: Workforce, index: number): Step {
  const slot = workforce.slots[index] as Slot;
  const worker = workforce.nextWorker;
  const { earlyEnds } = slot;
  const filled: Slot =
    slot.kind === 'serving'
      ? { ...slot, kind: 'handing-over', successor: worker }
      : { kind: 'starting', worker, earlyEnds };
  return {
    workforce: withSlot({ ...workforce, nextWorker: worker + 1 }, index, filled),
    commands: [{ kind: 'spawn', worker }],
  };
}

function afterServing(workforce: Workforce, worker: WorkerNumber, { nowMs }: StepContext): Step {
  const index = workforce.slots.findIndex((slot) => startingIn(slot) === worker);
  const slot = workforce.slots[index];
  if (slot === undefined) return unchanged(workforce);
  const serving = withSlot({ ...workforce, phase: 'working' }, index, {
    kind: 'serving',
    worker,
    sinceMs: nowMs,
    earlyEnds: slot.earlyEnds,
  });
  if (slot.kind !== 'handing-over') return goOnUpgrading(serving);
  return followedBy(handedOver(serving, slot.worker), (next) => goOnUpgrading(withoutUpgradeOf(next, index)));
}

const handedOver = (workforce: Workforce, worker: WorkerNumber): Step => ({
  workforce: { ...workforce, leaving: new Set([...workforce.leaving, worker]) },
  commands: [{ kind: 'dismiss', worker }],
});

function afterGone(workforce: Workforce, worker: WorkerNumber, context: StepContext): Step {
  if (workforce.leaving.has(worker)) return afterLeft(workforce, worker);
  const index = workforce.slots.findIndex(
    (slot) => startingIn(slot) === worker || servingIn(slot) === worker,
  );
  const slot = workforce.slots[index];
  if (slot === undefined || slot.kind === 'waiting') return unchanged(workforce);
  if (slot.kind === 'handing-over') return afterHalfGone(workforce, index, slot, worker);
  if (slot.kind === 'starting' && workforce.phase === 'starting') {
    return disband(withSlot(workforce, index, { kind: 'waiting', earlyEnds: 1 }), 'failing');
  }
  const wasSteady = slot.kind === 'serving' && context.nowMs - slot.sinceMs >= STEADY_AFTER_MS;
  const earlyEnds = wasSteady ? 0 : slot.earlyEnds + 1;
  const step = replace(withSlot(workforce, index, { kind: 'waiting', earlyEnds }), index, context);
  return followedBy(step, goOnUpgrading);
}

function afterLeft(workforce: Workforce, worker: WorkerNumber): Step {
  const leaving = new Set([...workforce.leaving].filter((other) => other !== worker));
  return endIfEmpty({ ...workforce, leaving });
}

/** Of the two workers of a slot that is handed over, one has ended: the other one has the slot. */
function afterHalfGone(
  workforce: Workforce,
  index: number,
  slot: Extract<Slot, { kind: 'handing-over' }>,
  gone: WorkerNumber,
): Step {
  const { worker, successor, sinceMs, earlyEnds } = slot;
  if (gone === worker) {
    const starting: Slot = { kind: 'starting', worker: successor, earlyEnds };
    return unchanged(withoutUpgradeOf(withSlot(workforce, index, starting), index));
  }
  const serving: Slot = { kind: 'serving', worker, sinceMs, earlyEnds };
  return {
    // What could not start once would not start for the other slots either.
    workforce: { ...withSlot(workforce, index, serving), upgrading: [] },
    commands: [{ kind: 'upgrade-failed' }],
  };
}

function replace(workforce: Workforce, index: number, { random }: StepContext): Step {
  const { earlyEnds } = workforce.slots[index] as Slot;
  const delayMs = restartDelayMs(earlyEnds, random.unit());
  if (delayMs === 0) return spawnFor(workforce, index);
  return { workforce, commands: [{ kind: 'plan-restart', slot: index, delayMs }] };
}

/** An upgrade that comes during another one begins again behind the slot that is handed over now. */
function withUpgradeOfAll(workforce: Workforce): Workforce {
  const underWay = workforce.upgrading.filter((index) => workforce.slots[index]?.kind === 'handing-over');
  return { ...workforce, upgrading: [...underWay, ...workforce.slots.keys()] };
}

function withoutUpgradeOf(workforce: Workforce, index: number): Workforce {
  const at = workforce.upgrading.indexOf(index);
  return at < 0 ? workforce : { ...workforce, upgrading: workforce.upgrading.toSpliced(at, 1) };
}

/** Has the next slot in turn handed over, unless one is, or its worker is only starting. */
function goOnUpgrading(workforce: Workforce): Step {
  const [index] = workforce.upgrading;
  if (index === undefined) return unchanged(workforce);
  switch (workforce.slots[index]?.kind) {
    case 'serving':
      return spawnFor(workforce, index);
    case 'waiting':
      // Its next worker will be of the new kind anyway.
      return goOnUpgrading(withoutUpgradeOf(workforce, index));
    default:
      return unchanged(workforce);
  }
}

/** Has every worker end: those that serve in good order where that is wanted, all others at once. */
function disband(workforce: Workforce, phase: 'stopping' | 'failing'): Step {
  const living = livingWorkers(workforce);
  const starting = new Set(workforce.slots.map(startingIn));
  const isKilled = (worker: WorkerNumber): boolean => phase === 'failing' || starting.has(worker);
  const step = endIfEmpty({
    ...workforce,
    phase,
    slots: workforce.slots.map(({ earlyEnds }) => ({ kind: 'waiting', earlyEnds })),
    leaving: new Set(living),
    upgrading: [],
  });
  const farewells = living.map((worker) => ({
    kind: isKilled(worker) ? ('kill' as const) : ('shut-down' as const),
    worker,
  }));
  return { workforce: step.workforce, commands: [...farewells, ...step.commands] };
}

function endIfEmpty(workforce: Workforce): Step {
  if (isKept(workforce) || workforce.leaving.size > 0) return unchanged(workforce);
  return {
    workforce: { ...workforce, phase: 'over' },
    commands: [{ kind: 'end', isOrderly: workforce.phase === 'stopping' }],
  };
}
