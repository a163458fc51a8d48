/** The number of a worker, which no other one of the same supervisor ever has. */
export type WorkerNumber = number;

/**
 * One of the places for a worker. `earlyEnds` counts workers in a row that ended before they were steady.
 *
 * - `starting`: its worker does not accept yet
 * - `serving`: its worker accepts
 * - `handing-over`: its worker accepts, until its successor does
 * - `waiting`: it has no worker until its restart is due
 */
export type Slot =
  | { readonly kind: 'starting'; readonly worker: WorkerNumber; readonly earlyEnds: number }
  | {
      readonly kind: 'serving';
      readonly worker: WorkerNumber;
      readonly sinceMs: number;
      readonly earlyEnds: number;
    }
  | {
      readonly kind: 'handing-over';
      readonly worker: WorkerNumber;
      readonly successor: WorkerNumber;
      readonly sinceMs: number;
      readonly earlyEnds: number;
    }
  | { readonly kind: 'waiting'; readonly earlyEnds: number };

/**
 * The workers of a node.
 *
 * - `starting`: none has ever served; one that cannot start ends the node
 * - `working`: workers that end are replaced
 * - `stopping`: the node shuts down, as it was told to
 * - `failing`: the node ends, because its workers cannot start
 * - `over`: no process is left
 */
export interface Workforce {
  readonly phase: 'starting' | 'working' | 'stopping' | 'failing' | 'over';
  readonly slots: readonly Slot[];
  /** Workers that no longer accept. */
  readonly leaving: ReadonlySet<WorkerNumber>;
  /** The slots whose worker an upgrade has still to replace, in turn. */
  readonly upgrading: readonly number[];
  readonly nextWorker: WorkerNumber;
}

/** What can happen to the workers of a node. */
export type WorkforceEvent =
  | { readonly kind: 'begin' }
  | { readonly kind: 'serving'; readonly worker: WorkerNumber }
  | { readonly kind: 'gone'; readonly worker: WorkerNumber }
  | { readonly kind: 'restart-due'; readonly slot: number }
  | { readonly kind: 'upgrade' }
  | { readonly kind: 'stop' };

/**
 * What is to be done about it.
 *
 * - `spawn`: start a process that asks for work under that number
 * - `dismiss`: have a worker stop to accept and end when its connections have
 * - `shut-down`: have a worker leave as a node does that is told to end
 * - `kill`: end a worker now
 * - `plan-restart`: say `restart-due` after that time
 * - `upgraded`, `upgrade-failed`: for the log
 * - `end`: the supervisor has nothing left to do
 */
export type WorkforceCommand =
  | { readonly kind: 'spawn' | 'dismiss' | 'shut-down' | 'kill'; readonly worker: WorkerNumber }
  | { readonly kind: 'plan-restart'; readonly slot: number; readonly delayMs: number }
  | { readonly kind: 'upgraded' | 'upgrade-failed' }
  | { readonly kind: 'end'; readonly isOrderly: boolean };

/** A workforce before its first event, which is `begin`. */
export const newWorkforce = (size: number): Workforce => ({
  phase: 'starting',
  slots: Array.from({ length: size }, () => ({ kind: 'waiting', earlyEnds: 0 })),
  leaving: new Set(),
  upgrading: [],
  nextWorker: 1,
});

/** The worker of a slot that accepts. */
export const servingIn = (slot: Slot): WorkerNumber | undefined =>
  slot.kind === 'serving' || slot.kind === 'handing-over' ? slot.worker : undefined;

/** The worker of a slot that does not accept yet. */
export function startingIn(slot: Slot): WorkerNumber | undefined {
  if (slot.kind === 'handing-over') return slot.successor;
  return slot.kind === 'starting' ? slot.worker : undefined;
}

const isWorker = (worker: WorkerNumber | undefined): worker is WorkerNumber => worker !== undefined;

/** The workers that accept, in the order of their slots. */
export const servingWorkers = ({ slots }: Workforce): readonly WorkerNumber[] =>
  slots.map(servingIn).filter(isWorker);

/** The workers that have a process. */
export const livingWorkers = ({ slots, leaving }: Workforce): readonly WorkerNumber[] => [
  ...slots.flatMap((slot) => [servingIn(slot), startingIn(slot)]).filter(isWorker),
  ...leaving,
];

/** Which worker probes endpoints for all: the same one for as long as it serves. */
export function proberOf(workforce: Workforce, current: WorkerNumber | undefined): WorkerNumber | undefined {
  const serving = servingWorkers(workforce);
  return current !== undefined && serving.includes(current) ? current : serving[0];
}
