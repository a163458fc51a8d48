import type {
  AffinityOutcome,
  AffinitySource,
  AffinityTier,
  EpochMs,
  MoveReason,
  Pin,
  SessionKey,
} from '@holdfast/shared';
import type { FieldSection } from '../codec/index.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Voucher } from './voucher.ts';

/** Where a request goes, and why. The answer to one request; a failover asks for another. */
export interface Resolution {
  /** Undefined: nobody may serve the request now; `refusal` says why. */
  readonly endpoint: Endpoint | undefined;
  readonly refusal: 'all-down' | 'endpoint-down' | 'store-unavailable' | undefined;
  readonly outcome: AffinityOutcome;
  readonly source: AffinitySource;
  readonly tier: AffinityTier;
  /** Why the pin was moved, or could not be followed. */
  readonly reason: MoveReason | undefined;
  /** Undefined where the pool keeps no sessions. */
  readonly session: ResolvedSession | undefined;
  /** Set on the request that moved the session, so that the endpoint can be told where it was. */
  readonly movedFrom: string | undefined;
}

/** The session of a resolved request. */
export interface ResolvedSession {
  readonly key: SessionKey;
  /** The random id inside the client's cookie. */
  readonly sessionId: Buffer;
  /** What stands, or in degraded mode what this node assumes. Undefined leaves the client's cookie as it is. */
  readonly pin: Pin | undefined;
  /** What the client brought, if it brought a valid cookie. */
  readonly voucher: Voucher | undefined;
}

/** Keeps the sessions of one pool, or keeps none. Decorates the balance policy of the pool. */
export interface Affinity {
  /** The name of the cookie that the proxy owns and that endpoints never see; undefined where there is none. */
  readonly cookieName: string | undefined;
  /**
   * The answer where it takes no store: a warm session, or a pool without sessions. Undefined: ask {@link resolve}.
   */
  resolveNear(fields: FieldSection, nowMs: EpochMs): Resolution | undefined;
  /** The answer in any case. Never rejects: a store that is unavailable is one of the answers. */
  resolve(fields: FieldSection, nowMs: EpochMs): Promise<Resolution>;
  /** Another answer after `resolution.endpoint` has failed the request, for that reason. */
  failover(resolution: Resolution, reason: MoveReason, nowMs: EpochMs): Promise<Resolution>;
  /** The `Set-Cookie` value that the client needs, if it needs one. */
  setCookie(resolution: Resolution, isSecure: boolean, nowMs: EpochMs): string | undefined;
}
