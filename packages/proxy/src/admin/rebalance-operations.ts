import { formatDuration, formatPercentage, formatRate, type Logger } from '@holdfast/shared';
import type { Pool } from '../pool/pool.ts';
import type { Rebalance, RebalanceSettings } from '../rebalance/rebalance.ts';
import type { RebalancePolicy, Rebalances } from '../rebalance/rebalances.ts';
import { type Answer, failed, type Refusal, refused, told, unknownPool } from './answer.ts';
import { iso } from './iso.ts';
import type { QuestionOf } from './question.ts';
import type { RebalanceView } from './rebalance-view.ts';

export interface RebalanceOperationsParts {
  readonly rebalances: Rebalances;
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  readonly log: Logger;
}

/** A pool that can be rebalanced. */
interface Known {
  readonly pool: Pool;
  readonly policy: RebalancePolicy;
}

/** Begins and ends rebalances, and tells of those that this process has begun. */
export class RebalanceOperations {
  readonly #parts: RebalanceOperationsParts;

  constructor(parts: RebalanceOperationsParts) {
    this.#parts = parts;
  }

  async begin({
    pool: name,
    rate,
    idleForMs,
    tolerance,
    isDryRun,
  }: QuestionOf<'rebalance'>): Promise<Answer> {
    const { rebalances, log } = this.#parts;
    const known = this.#find(name);
    if ('kind' in known) return known;
    const { pool, policy } = known;
    const { settings: given } = policy;
    const settings: RebalanceSettings = {
      rate: rate ?? given.rate,
      idleForMs: idleForMs ?? given.idleForMs,
      tolerance: tolerance ?? given.tolerance,
    };
    if (settings.idleForMs > policy.lifetime.idleTimeoutMs / 2) return tooLong(policy);
    try {
      const plan = await rebalances.preview(pool, policy, settings);
      if (isDryRun) return told({ ...planned(pool, settings), plan });
      const begun = rebalances.begin(pool, policy, settings, 'operator');
      if (begun === undefined) return running(name);
      log.info({ pool: name }, 'rebalance by operator');
      return told({ ...describe(pool, begun), plan });
    } catch (error) {
      return failed(error);
    }
  }

  async get({ pool: name }: QuestionOf<'get-rebalance'>): Promise<Answer> {
    const known = this.#find(name);
    return 'kind' in known ? known : told(this.#latest(known.pool));
  }

  /** Once it is over, this changes nothing. */
  async stop({ pool: name }: QuestionOf<'stop-rebalance'>): Promise<Answer> {
    const known = this.#find(name);
    if ('kind' in known) return known;
    this.#parts.rebalances.of(known.pool.name)?.end('stopped');
    return told(this.#latest(known.pool));
  }

  #latest(pool: Pool): RebalanceView {
    const latest = this.#parts.rebalances.of(pool.name);
    return latest === undefined
      ? { pool: pool.name, state: 'none', moved: 0, plan: [] }
      : describe(pool, latest);
  }

  #find(name: string): Known | Refusal {
    const { pools, rebalances } = this.#parts;
    const pool = pools.all.map((served) => served.pool).find((one) => one.name === name);
    if (pool === undefined) return unknownPool(name);
    const policy = rebalances.policyOf(pool.name);
    if (policy !== undefined) return { pool, policy };
    return refused(
      'DOWNSTREAM_BAD_REQUEST',
      `pool "${name}" keeps no sessions in the session map: there is nothing to move`,
    );
  }
}

const describe = (pool: Pool, rebalance: Rebalance): RebalanceView => ({
  ...planned(pool, rebalance.settings),
  state: rebalance.state,
  trigger: rebalance.trigger,
  startedAt: iso(rebalance.startedAtMs),
  ...(rebalance.endedAtMs !== undefined && { endedAt: iso(rebalance.endedAtMs) }),
  moved: rebalance.moved,
  plan: [...rebalance.plan],
});

const planned = (pool: Pool, { rate, idleForMs, tolerance }: RebalanceSettings): RebalanceView => ({
  pool: pool.name,
  state: 'planned',
  moved: 0,
  plan: [],
  rate: formatRate(rate),
  idleFor: formatDuration(idleForMs),
  tolerance: formatPercentage(tolerance),
});

const running = (pool: string): Refusal =>
  refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `a rebalance of pool "${pool}" is running: GET /pools/${pool}/rebalance tells how far it is, DELETE stops it`,
  );

const tooLong = ({ lifetime }: RebalancePolicy): Refusal =>
  refused(
    'DOWNSTREAM_BAD_REQUEST',
    `expected half of the idle timeout of the pool at most for idleFor, ${formatDuration(lifetime.idleTimeoutMs / 2)}: a session that is idle for longer ends before it is moved`,
  );
