import { checkHistory } from '../support/history/check-history.ts';
import type { History, Violation } from '../support/history/history.ts';
import { FAULT_NAMES, FAULTS, type FaultName } from './faults.ts';
import type { SimClient } from './sim-client.ts';
import { FEW_WRITE_BACKS, type SimSettings } from './sim-settings.ts';
import { SimWorld } from './sim-world.ts';
import { NO_VARIANT, type Variant } from './variant.ts';

export interface SimOptions {
  readonly variant?: Variant;
  /** The faults that there may be. Default: each with a probability of a third. */
  readonly faults?: readonly FaultName[];
  /** What is not left to chance of the cluster. Default: nothing. */
  readonly settings?: Partial<SimSettings>;
}

/** What came of one seed. */
export interface SimReport {
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly history: History;
  readonly violations: readonly Violation[];
  /** How much happened: timers, messages, requests. */
  readonly events: number;
}

const FAULT_PROBABILITY = 1 / 3;
/** In which every node and every endpoint gets over what was. */
const SETTLING_MS = 8_000;
const THINKING_MS = [100, 2_500] as const;
/** Longer than an answer takes. */
const ASKING_MS = 200;
const PARALLEL_MAX = 4;
const NEWCOMER_PROBABILITY = 0.1;
const METHODS = ['GET', 'GET', 'POST'] as const;

/** Lives through one seed: faults of all kinds, then none, and time to get over them; then every client asks every node. */
export async function simulate(seed: number, options: SimOptions = {}): Promise<SimReport> {
  const world = new SimWorld(seed, options.variant ?? NO_VARIANT, options.settings);
  const faults = options.faults ?? someFaults(world);
  const { clock, settings } = world;
  const untilMs = settings.activeMs;
  for (const client of [...world.clients]) beVisited(world, client, untilMs + SETTLING_MS);
  beForged(world, untilMs);
  const heals = faults.map((fault) => recur(world, fault, untilMs));
  await clock.runUntil(untilMs);
  for (const heal of heals) heal();
  for (const node of world.nodes) node.configure(world.configured);
  await clock.runUntil(untilMs + SETTLING_MS);
  // What was emptied behind their backs, or had to wait, nodes write back when they are asked for it.
  if (faults.includes('redis flushed') || settings.storeConfig.writeBacksPerSecond === FEW_WRITE_BACKS)
    await askAll(world);
  world.chronicle.tell({ kind: 'settled' });
  await askAll(world);
  const { history } = world;
  for (const node of world.nodes) node.end();
  return { seed, faults, history, violations: checkHistory(history), events: clock.events };
}

const someFaults = ({ dice }: SimWorld): readonly FaultName[] =>
  FAULT_NAMES.filter(() => dice.isLucky(FAULT_PROBABILITY));

/** Has a fault come and go. The answer ends it, if it is there, for good. */
function recur(world: SimWorld, name: FaultName, untilMs: number): () => void {
  const { clock, dice } = world;
  let heal: (() => void) | undefined;
  let isOver = false;
  const end = (): void => {
    heal?.();
    heal = undefined;
  };
  const begin = (): void => {
    if (isOver) return;
    heal = FAULTS[name](world);
    clock.after(dice.between(50, dice.pick([500, 5_000])), () => {
      if (isOver) return;
      end();
      clock.after(dice.between(500, untilMs), begin);
    });
  };
  clock.after(dice.between(0, untilMs), begin);
  return () => {
    isOver = true;
    end();
  };
}

/** Has a client come again and again, at whichever node, sometimes with several requests at once; then another one. */
function beVisited(world: SimWorld, first: SimClient, untilMs: number): void {
  const { clock, dice } = world;
  let client = first;
  const visit = (): void => {
    if (clock.nowMs >= untilMs) return;
    if (dice.isLucky(NEWCOMER_PROBABILITY)) client = world.welcome(client.by);
    const isFirst = client.by === 'cookie' && client.jar === undefined;
    const count = !isFirst && dice.isLucky(0.2) ? dice.whole(2, PARALLEL_MAX) : 1;
    for (let request = 0; request < count; request++) {
      const node = pickAlive(world);
      if (node !== undefined) void world.visit(client, node, dice.pick(METHODS));
    }
    clock.after(dice.between(...THINKING_MS), visit);
  };
  clock.after(dice.between(0, 2_000), visit);
}

function beForged(world: SimWorld, untilMs: number): void {
  for (let visit = 0; visit < 2; visit++)
    world.clock.after(world.dice.between(0, untilMs), () => {
      const node = pickAlive(world);
      if (node !== undefined) void world.forge(node);
    });
}

function pickAlive({ nodes, dice }: SimWorld): SimWorld['nodes'][number] | undefined {
  const alive = nodes.filter(({ isAlive }) => isAlive);
  return alive.length === 0 ? undefined : dice.pick(alive);
}

/** All clients ask every node, one node after the other, and no faster than what was lost is written back. */
async function askAll(world: SimWorld): Promise<void> {
  const { clock, clients, nodes, settings } = world;
  const pauseMs = 2_000 / settings.storeConfig.writeBacksPerSecond;
  for (const node of nodes) {
    for (const client of clients) {
      void world.visit(client, node);
      await clock.runUntil(clock.nowMs + pauseMs);
    }
    await clock.runUntil(clock.nowMs + ASKING_MS);
  }
}
