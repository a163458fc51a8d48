import { z } from 'zod';

const counts = z.record(z.string(), z.unknown());
const endpoint = z.looseObject({ id: z.string(), inFlight: z.number(), waiting: z.number() });
const workerReport = z.looseObject({
  phase: z.string(),
  requests: counts,
  connections: counts,
  moved: counts.default({}),
  store: z.looseObject({
    state: z.string(),
    mode: z.string(),
    invalidationsLive: z.boolean(),
    operations: counts,
    writeBacks: counts,
  }),
  listeners: z.array(z.looseObject({ name: z.string(), openConnections: z.number() })),
  pools: z.array(
    z.looseObject({ name: z.string(), rebalance: z.unknown().optional(), endpoints: z.array(endpoint) }),
  ),
});

type Report = z.output<typeof workerReport>;

/** What the supervisor knows of a worker, beside what that says of itself. */
export interface KnownWorker {
  readonly worker: number;
  readonly pid: number | undefined;
  readonly release: string | undefined;
  /** As ISO 8601. */
  readonly startedAt: string;
}

/**
 * What the workers of a node say of themselves, as the report of one node: what they count is added up, what they know
 * alike is told once, by the first, and each of them has a line in `workers`. A worker whose report cannot be
 * understood, as it is of another release, has no more than that line.
 */
export function mergedReport(reports: readonly { readonly known: KnownWorker; readonly report: unknown }[]) {
  const read = reports.map(({ known, report }) => ({ known, report: workerReport.safeParse(report).data }));
  const all = read.flatMap(({ report }) => report ?? []);
  const [first] = all;
  return {
    ...first,
    store: first && storeOf(first, all),
    requests: first && sum(all.map(({ requests }) => requests)),
    connections: first && sum(all.map(({ connections }) => connections)),
    moved: first && sum(all.map(({ moved }) => moved)),
    listeners: first?.listeners.map((listener) => ({
      ...listener,
      openConnections: total(all, ({ listeners }) => listeners.find(named(listener))?.openConnections),
    })),
    pools: first?.pools.map((pool) => ({
      ...pool,
      rebalance: rebalanceOf(pool, all),
      endpoints: endpointsOf(pool, all),
    })),
    workers: read.map(({ known, report }) => ({
      ...known,
      phase: report?.phase,
      openConnections: report && total(report.listeners, ({ openConnections }) => openConnections),
      requests: report?.requests.requests,
    })),
  };
}

const named =
  ({ name }: { readonly name: string }) =>
  (other: { readonly name: string }): boolean =>
    other.name === name;

/** Modes of the store, the worst one first. */
const MODES = ['degraded', 'reconciling', 'normal'];

/** The store is available if it is to all, since a request may come to any of them. */
function storeOf({ store }: Report, all: readonly Report[]) {
  const worst = all.find(({ store: { state } }) => state !== 'available')?.store ?? store;
  return {
    ...store,
    state: worst.state,
    mode: MODES.find((mode) => all.some((report) => report.store.mode === mode)),
    invalidationsLive: all.every((report) => report.store.invalidationsLive),
    operations: sum(all.map((report) => report.store.operations)),
    writeBacks: sum(all.map((report) => report.store.writeBacks)),
  };
}

/** Whichever worker has begun one. */
const rebalanceOf = (pool: Report['pools'][number], all: readonly Report[]) =>
  all.map(({ pools }) => pools.find(named(pool))?.rebalance).find((rebalance) => rebalance !== undefined);

const endpointsOf = (pool: Report['pools'][number], all: readonly Report[]) =>
  pool.endpoints.map((endpoint) => {
    const everywhere = all
      .flatMap(({ pools }) => pools.find(named(pool))?.endpoints ?? [])
      .filter(({ id }) => id === endpoint.id);
    return {
      ...endpoint,
      inFlight: total(everywhere, ({ inFlight }) => inFlight),
      waiting: total(everywhere, ({ waiting }) => waiting),
    };
  });

const total = <Item>(items: readonly Item[], countOf: (item: Item) => number | undefined): number =>
  items.reduce((sum, item) => sum + (countOf(item) ?? 0), 0);

/** Adds up numbers, and objects of numbers member by member, however deep. */
function sum(values: readonly unknown[]): unknown {
  if (values.every((value) => typeof value === 'number')) return total(values, (value) => value);
  const objects = values.filter((value) => value !== null && typeof value === 'object');
  const keys = new Set(objects.flatMap((value) => Object.keys(value)));
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      sum(objects.map((value) => Reflect.get(value, key)).filter((value) => value !== undefined)),
    ]),
  );
}
