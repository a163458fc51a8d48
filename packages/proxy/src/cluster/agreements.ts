import type { Clock, NodeId } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { agreementOn, isCutOff } from './agreement.ts';
import type { Member } from './member.ts';
import { votesOn } from './opinions.ts';
import { type AskEndpoint, SecondLooks } from './second-looks.ts';

export interface AgreementsOptions {
  readonly clock: Clock;
  readonly ask: AskEndpoint;
  /** Those of the other nodes that have a vote. */
  readonly voting: () => readonly Member[];
  /** Whether this process looks for itself at what others hold down. */
  readonly looks: () => boolean;
  /** This node holds something down that it held up, or the other way round. */
  readonly changed: () => void;
  /** This node is cut off, or is not any more. */
  readonly cutOffChanged: (isCutOff: boolean) => void;
}

/** Has the pools of this node go by what most nodes hold of their endpoints. */
export class Agreements {
  readonly #options: AgreementsOptions;
  readonly #secondLooks: SecondLooks;
  readonly #pools = new Map<Pool, () => void>();
  #isCutOff = false;

  constructor(options: AgreementsOptions) {
    this.#options = options;
    this.#secondLooks = new SecondLooks(options.ask, options.clock);
  }

  get pools(): readonly Pool[] {
    return [...this.#pools.keys()];
  }

  get #endpoints(): readonly Endpoint[] {
    return this.pools.flatMap(({ endpoints }) => endpoints);
  }

  /** Whether the others reach most of what they hold up, and this node does not. */
  get isCutOff(): boolean {
    return this.#isCutOff;
  }

  /** Whether this node alone holds something down, so far. */
  get isInDoubt(): boolean {
    return this.#endpoints.some(({ standing }) => standing === 'suspect');
  }

  follow(pool: Pool): void {
    const agree = (endpoints: readonly Endpoint[]): void => {
      this.#agree(pool, endpoints, this.#options.voting());
      this.#noteReach();
    };
    const changed = (endpoint: Endpoint): void => {
      agree([endpoint]);
      this.#options.changed();
    };
    const unwatch = pool.watch({
      endpointsChanged: ({ added }) => agree(added),
      standingChanged: changed,
      standingLearnt: changed,
    });
    this.#pools.set(pool, unwatch);
    agree(pool.endpoints);
  }

  forget(pool: Pool): void {
    this.#pools.get(pool)?.();
    this.#pools.delete(pool);
  }

  /** Goes by what the others say now. */
  update(): void {
    const voting = this.#options.voting();
    for (const pool of this.pools) this.#agree(pool, pool.endpoints, voting);
    this.#noteReach();
  }

  #agree(pool: Pool, endpoints: readonly Endpoint[], voting: readonly Member[]): void {
    const { looks } = this.#options;
    const votes = votesOn(pool, voting);
    for (const endpoint of endpoints) {
      const claimants = claimantsOf(endpoint, votes);
      const others = [...votes.keys()].map((node) => claimants.has(node));
      pool.agreed(endpoint, agreementOn(endpoint.isHeldDown, others));
      const isDoubted = looks() && endpoint.isUsable && endpoint.agreement !== 'none';
      this.#secondLooks.consider(pool, endpoint, isDoubted ? claimants : NOBODY);
    }
  }

  #noteReach(): void {
    const before = this.#isCutOff;
    this.#isCutOff = isCutOff(this.#endpoints);
    if (this.#isCutOff !== before) this.#options.cutOffChanged(this.#isCutOff);
  }
}

const NOBODY: ReadonlySet<NodeId> = new Set();

/** Those who hold it down. */
const claimantsOf = (
  { id }: Endpoint,
  votes: ReadonlyMap<NodeId, ReadonlySet<Endpoint['id']>>,
): ReadonlySet<NodeId> => new Set([...votes].flatMap(([node, down]) => (down.has(id) ? [node] : [])));
