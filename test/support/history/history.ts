/**
 * What happened to a cluster, as those outside of it saw it: clients, endpoints, and whoever brought the faults about.
 * Everything stands on one timeline of milliseconds, whatever the nodes take the time for.
 */
export interface History {
  readonly visits: readonly Visit[];
  /** In the order of time. */
  readonly facts: readonly Fact[];
  /** Within which limits the cluster keeps its promises. */
  readonly terms: Terms;
  /** What the session map said at the end, where that is known. */
  readonly pins?: readonly PinSeen[];
}

/** One request: what its client saw of it, and which endpoints. */
export interface Visit {
  readonly id: string;
  readonly client: string;
  /** Which session it was of. A client that comes too late has another one by the same name only where it brings a key. */
  readonly session: string;
  /** `cookie`: the client brings back what it was given last. `key`: a key of its own, which says nothing of a place. */
  readonly by: 'cookie' | 'key';
  /** The version of the pin that the cookie of the request was issued for, where that is known. */
  readonly broughtVersion?: number | undefined;
  /** Whether the client brought a cookie that it had made itself. */
  readonly isForged?: boolean;
  readonly method: string;
  readonly node: string;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
  /** The endpoints whose handler the request has reached, in order. */
  readonly reached: readonly string[];
  /** The endpoint whose answer the client got; undefined: it got none, or one of the proxy's own. */
  readonly servedBy: string | undefined;
  /** Undefined: the connection broke before there was one. */
  readonly status: number | undefined;
  /** The code of the proxy's own answer. */
  readonly error?: string | undefined;
  /** `hit`, `created`, `repinned` and so on; undefined where the node did not get to say so. */
  readonly outcome: string | undefined;
  /** `near`, `store`, `cookie`, `hash` or `none`, where that is known. */
  readonly tier?: string | undefined;
  /** The version of the session's pin as the node saw it; undefined where it went by none. */
  readonly version: number | undefined;
  /** Among which endpoints the node placed sessions while it decided, where that is known: equal texts are equal views. */
  readonly view?: string | undefined;
  /** How many endpoints it was sent to, where that is known. */
  readonly attempts?: number | undefined;
}

/** A pin as the session map has it. */
export interface PinSeen {
  readonly session: string;
  readonly endpoint: string;
  readonly version: number;
}

/** What became otherwise, and when. */
export type Fact = { readonly atMs: number } & (
  | {
      /** An endpoint serves nobody, or serves again, by the word of whoever has brought it about. */
      readonly kind: 'endpoint-down' | 'endpoint-up';
      readonly endpoint: string;
    }
  | {
      /**
       * `cut-off`: a node cannot reach an endpoint, or can again. `held-down`: it takes it for down, or no longer.
       */
      readonly kind: 'cut-off' | 'reached-again' | 'held-down' | 'held-up';
      readonly node: string;
      readonly endpoint: string;
    }
  | {
      /** A node said that an endpoint is drained from now on, or no longer; `isComplete`: all sessions are to leave. */
      readonly kind: 'drain' | 'undrain';
      readonly endpoint: string;
      readonly isComplete?: boolean;
    }
  | {
      /** A node goes by a configuration with these endpoints. */
      readonly kind: 'configured';
      readonly node: string;
      readonly endpoints: readonly string[];
    }
  | {
      /** Operations of the session map may fail, or do so no longer; of one node where one is named, else of all. */
      readonly kind: 'store-away' | 'store-back';
      readonly node?: string;
    }
  | {
      /** The session map has lost what it had acknowledged since then; `isUnnoticed`: and no connection to it broke. */
      readonly kind: 'store-lost';
      readonly sinceMs: number;
      readonly isUnnoticed?: boolean;
    }
  | {
      /** A node has ended without a word, or has started without memory. */
      readonly kind: 'node-ended' | 'node-started';
      readonly node: string;
    }
  | {
      /** All faults are over, and there was time to get over them: from now on everything is as it should be. */
      readonly kind: 'settled';
    }
);

/** The limits of what is promised. */
export interface Terms {
  /** A session that makes no request for this long is forgotten. */
  readonly idleTimeoutMs: number;
  /** For how long a node may go by a place that another node has changed. */
  readonly staleMsMax: number;
  /** How long nodes take to notice that an endpoint or the session map is away or back, beyond what facts say of it. */
  readonly noticeMsMax: number;
  /** How long it takes until every node knows of a drain. */
  readonly drainKnownAfterMs: number;
  /** By how much the clocks of two nodes differ at most. */
  readonly clockSkewMsMax: number;
}

/** A promise of {@link INVARIANTS} that was not kept. */
export interface Violation {
  readonly invariant: Invariant;
  /** What was seen, for whoever looks for the cause. */
  readonly what: string;
  readonly atMs: number;
  /** The visits that show it. */
  readonly visits: readonly string[];
}

/** What a history is checked for. */
export const INVARIANTS = {
  I1: 'the requests of a session reach one endpoint, at whichever node they arrive, as long as that endpoint is fit',
  I2: 'a session moves only away from an endpoint that is down, drained or removed, and once each time',
  I3: 'it stays where it has moved when the old endpoint is back',
  I4: 'a request that is not idempotent reaches a handler once at most',
  I6: 'a draining endpoint gets no new sessions, and keeps those that came before',
  I7: 'versions never go back for a client, and at the end all nodes and the session map say the same',
  I8: 'without the session map nodes that see the same endpoints choose the same one, and nobody gets an error for it',
  I9: 'an outage of the session map moves no session',
  I11: 'every request gets one answer, and when all faults are over that of an endpoint',
  C1: 'a cookie that is not ours counts as none',
} as const;

export type Invariant = keyof typeof INVARIANTS;
