import type { Fact, History, Terms } from './history.ts';
import { SpansByName } from './spans.ts';

/** A drain as it was told. */
interface DrainTold {
  readonly endpoint: string;
  readonly atMs: number;
}

const ALL_NODES = 'all nodes';

/** The facts of a history, to be asked what was so at which time. */
export class Timeline {
  readonly #terms: Terms;
  /** Of endpoints: that they serve nobody. */
  readonly #down = new SpansByName();
  /** Of endpoints: that some node takes them for down, or cannot reach them. */
  readonly #shunned = new SpansByName();
  /** Of endpoints: that some node does not know them. */
  readonly #unknown = new SpansByName();
  readonly #draining = new SpansByName();
  readonly #emptied = new SpansByName();
  /** Of `node endpoint`: that the node takes the endpoint for down or cannot reach it. */
  readonly #shunnedBy = new SpansByName();
  /** Of `node endpoint`: that the node has the endpoint in its configuration. */
  readonly #configured = new SpansByName();
  readonly #storeAway = new SpansByName();
  readonly #nodeAway = new SpansByName();
  /** What is lost, from when on it was written, and until when nodes may go by it. */
  readonly #lost: { readonly sinceMs: number; readonly untilMs: number }[] = [];
  readonly #drains: DrainTold[] = [];
  /** What each node was configured with last. */
  readonly #endpointsOf = new Map<string, readonly string[]>();
  readonly #endpoints = new Set<string>();
  #settledAtMs = Number.POSITIVE_INFINITY;

  constructor({ facts, terms }: Pick<History, 'facts' | 'terms'>) {
    this.#terms = terms;
    for (const fact of facts) this.#read(fact);
  }

  /** From when on everything is as it should be. */
  get settledAtMs(): number {
    return this.#settledAtMs;
  }

  get drains(): readonly DrainTold[] {
    return this.#drains;
  }

  /** All that some node knows or has known. */
  get endpoints(): Iterable<string> {
    return this.#endpoints;
  }

  /** Whether there was a reason to leave the endpoint at some moment of that time. */
  wasUnfit(endpoint: string, fromMs: number, untilMs: number): boolean {
    return this.wasUnfitButForDrain(endpoint, fromMs, untilMs) || this.wasDraining(endpoint, fromMs, untilMs);
  }

  wasUnfitButForDrain(endpoint: string, fromMs: number, untilMs: number): boolean {
    const { noticeMsMax } = this.#terms;
    return (
      this.#down.of(endpoint).meet(fromMs - noticeMsMax, untilMs) ||
      this.#shunned.of(endpoint).meet(fromMs - noticeMsMax, untilMs) ||
      this.wasUnknown(endpoint, fromMs, untilMs) ||
      this.#emptied.of(endpoint).meet(this.#drainsAreKnownSince(fromMs, untilMs), untilMs)
    );
  }

  wasDraining(endpoint: string, fromMs: number, untilMs: number): boolean {
    return this.#draining.of(endpoint).meet(this.#drainsAreKnownSince(fromMs, untilMs), untilMs);
  }

  /** From when on a drain that has ended may still count: a node that cannot ask the session map goes by what it knew. */
  #drainsAreKnownSince(fromMs: number, untilMs: number): number {
    const { drainKnownAfterMs, staleMsMax } = this.#terms;
    const troubles = [ALL_NODES, ...this.#endpointsOf.keys()].map(
      (node) => this.#storeAway.of(node).beganBefore(fromMs - staleMsMax, untilMs) ?? fromMs,
    );
    return Math.min(fromMs, ...troubles) - drainKnownAfterMs;
  }

  /** Whether the endpoint drained during all of that time. */
  isDrainingAll(endpoint: string, fromMs: number, untilMs: number): boolean {
    return this.#draining.of(endpoint).cover(fromMs, untilMs);
  }

  /** Whether the endpoint was as good as away for that node at some moment of that time. */
  wasUnfitFor(node: string, endpoint: string, fromMs: number, untilMs: number): boolean {
    const since = fromMs - this.#terms.noticeMsMax;
    return (
      this.#down.of(endpoint).meet(since, untilMs) ||
      this.#shunnedBy.of(`${node} ${endpoint}`).meet(since, untilMs) ||
      !this.#configured.of(`${node} ${endpoint}`).cover(fromMs, untilMs)
    );
  }

  /** The endpoints that the node may have gone by at some moment of that time. */
  knownTo(node: string, fromMs: number, untilMs: number): readonly string[] {
    return [...this.#endpoints].filter((endpoint) =>
      this.#configured.of(`${node} ${endpoint}`).meet(fromMs, untilMs),
    );
  }

  /** Whether some node did not know the endpoint, at some moment of that time, that another one knew or had known. */
  wasUnknown(endpoint: string, fromMs: number, untilMs: number): boolean {
    return this.#unknown.of(endpoint).meet(fromMs - this.#terms.noticeMsMax, untilMs);
  }

  /** Whether an operation of that node on the session map may have failed during that time. */
  wasStoreAway(node: string, fromMs: number, untilMs: number): boolean {
    const since = fromMs - this.#terms.noticeMsMax;
    return (
      this.#storeAway.of(ALL_NODES).meet(since, untilMs) || this.#storeAway.of(node).meet(since, untilMs)
    );
  }

  /** The same, for any node. */
  wasStoreAwayAnywhere(fromMs: number, untilMs: number): boolean {
    return (
      this.wasStoreAway(ALL_NODES, fromMs, untilMs) ||
      [...this.#endpointsOf.keys()].some((node) => this.wasStoreAway(node, fromMs, untilMs))
    );
  }

  /** Whether something that was written during that time, or before it was over, was lost by its end. */
  wasLost(fromMs: number, untilMs: number): boolean {
    return this.#lost.some((lost) => lost.sinceMs <= untilMs && lost.untilMs >= fromMs);
  }

  /** Whether the node ended at some moment of that time, or was not there. */
  wasNodeAway(node: string, fromMs: number, untilMs: number): boolean {
    return this.#nodeAway.of(node).meet(fromMs, untilMs);
  }

  #read(fact: Fact): void {
    const { atMs } = fact;
    switch (fact.kind) {
      case 'endpoint-down':
        return this.#down.of(fact.endpoint).begin('', atMs);
      case 'endpoint-up':
        return this.#down.of(fact.endpoint).end('', atMs);
      case 'cut-off':
      case 'held-down':
        return this.#shun(fact.node, fact.endpoint, sideOf(fact.kind), atMs);
      case 'reached-again':
      case 'held-up':
        return this.#shunNoMore(fact.node, fact.endpoint, sideOf(fact.kind), atMs);
      case 'drain':
        return this.#drain(fact.endpoint, fact.isComplete === true, atMs);
      case 'undrain':
        this.#draining.of(fact.endpoint).end('', atMs);
        return this.#emptied.of(fact.endpoint).end('', atMs);
      case 'configured':
        return this.#configure(fact.node, fact.endpoints, atMs);
      case 'store-away':
        return this.#storeAway.of(fact.node ?? ALL_NODES).begin('', atMs);
      case 'store-back':
        return this.#storeAway.of(fact.node ?? ALL_NODES).end('', atMs);
      case 'store-lost':
        return this.#lose(fact.sinceMs, atMs, fact.isUnnoticed === true);
      case 'node-ended':
        return this.#endNode(fact.node, atMs);
      case 'node-started':
        return this.#nodeAway.of(fact.node).end('', atMs);
      case 'settled':
        this.#settledAtMs = atMs;
    }
  }

  #shun(node: string, endpoint: string, side: string, atMs: number): void {
    this.#shunned.of(endpoint).begin(`${node} ${side}`, atMs);
    this.#shunnedBy.of(`${node} ${endpoint}`).begin(side, atMs);
  }

  #shunNoMore(node: string, endpoint: string, side: string, atMs: number): void {
    this.#shunned.of(endpoint).end(`${node} ${side}`, atMs);
    this.#shunnedBy.of(`${node} ${endpoint}`).end(side, atMs);
  }

  #drain(endpoint: string, isComplete: boolean, atMs: number): void {
    this.#drains.push({ endpoint, atMs });
    this.#draining.of(endpoint).begin('', atMs);
    if (isComplete) this.#emptied.of(endpoint).begin('', atMs);
  }

  /** Where no connection broke, a node goes by its copy of a session until it touches it, or until that has ended. */
  #lose(sinceMs: number, atMs: number, isUnnoticed: boolean): void {
    const { idleTimeoutMs, clockSkewMsMax } = this.#terms;
    this.#lost.push({ sinceMs, untilMs: isUnnoticed ? atMs + idleTimeoutMs + clockSkewMsMax : atMs });
  }

  #configure(node: string, endpoints: readonly string[], atMs: number): void {
    this.#endpointsOf.set(node, endpoints);
    for (const endpoint of endpoints) this.#endpoints.add(endpoint);
    for (const endpoint of this.#endpoints) {
      const configured = this.#configured.of(`${node} ${endpoint}`);
      if (endpoints.includes(endpoint)) configured.begin('', atMs);
      else configured.end('', atMs);
      for (const [other, known] of this.#endpointsOf)
        if (known.includes(endpoint)) this.#unknown.of(endpoint).end(other, atMs);
        else this.#unknown.of(endpoint).begin(other, atMs);
    }
  }

  /** What a node held of endpoints ends with it; what cuts it off stays. */
  #endNode(node: string, atMs: number): void {
    this.#nodeAway.of(node).begin('', atMs);
    for (const endpoint of this.#endpoints) this.#shunNoMore(node, endpoint, 'verdict', atMs);
  }
}

const sideOf = (kind: Fact['kind']): string =>
  kind === 'cut-off' || kind === 'reached-again' ? 'link' : 'verdict';
