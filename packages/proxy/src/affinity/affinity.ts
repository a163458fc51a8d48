import type {
  AffinityOutcome,
  AffinitySource,
  AffinityTier,
  EndpointId,
  EpochMs,
  MoveReason,
  Pin,
  SessionKey,
} from '@holdfast/shared';
import type { FieldSection, RequestHeadParser } from '../codec/index.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Claim } from './claim.ts';
import type { ResponseCookies } from './response-cookies.ts';
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
  /** Undefined where the request names no session, or the pool keeps none. */
  readonly session: ResolvedSession | undefined;
  /** Set on the request that moved the session, so that the endpoint can be told where it was. */
  readonly movedFrom: string | undefined;
  /** The endpoint to which the session stays pinned, where this request is served by another one. */
  readonly keptAt?: EndpointId | undefined;
}

/** The session of a resolved request. */
export interface ResolvedSession {
  readonly key: SessionKey;
  /** The random id inside the client's sealed cookie; undefined of a session that is known by another key. */
  readonly sessionId: Buffer | undefined;
  /** What stands, or in degraded mode what this node assumes. Undefined leaves the client's cookie as it is. */
  readonly pin: Pin | undefined;
  /** What the client brought, if it brought a valid sealed cookie. */
  readonly voucher: Voucher | undefined;
}

/** Keeps the sessions of one pool, or keeps none. Decorates the balance policy of the pool. */
export interface Affinity {
  /** Takes keys of sessions from responses; undefined where no key is learnt from any. */
  readonly learner: Learner | undefined;
  /**
   * What the request says of its session. Read once; the other methods go by it.
   *
   * @param clientAddress in canonical form, as far as trusted proxies tell
   */
  claimOf(request: RequestHeadParser, clientAddress: string): Claim;
  /**
   * The answer where it takes no store: a warm session, or a request without one. Undefined: ask {@link resolve}.
   */
  resolveNear(claim: Claim, nowMs: EpochMs): Resolution | undefined;
  /** The answer in any case. Never rejects: a store that is unavailable is one of the answers. */
  resolve(claim: Claim, nowMs: EpochMs): Promise<Resolution>;
  /** Where the label of a request leads, which counts before any session. Undefined: nowhere, or the pool goes by none. */
  followLabel?(claim: Claim, nowMs: EpochMs): Resolution | undefined;
  /** Another answer after `failed.endpoint` has failed the request, for that reason. */
  failover(claim: Claim, failed: Resolution, reason: MoveReason, nowMs: EpochMs): Promise<Resolution>;
  /**
   * What becomes of the cookies of a response, and those that the client needs of us.
   *
   * @param fields of the response
   * @param isSecure whether the request arrived over TLS
   */
  responseCookies(
    claim: Claim,
    resolution: Resolution,
    fields: FieldSection,
    isSecure: boolean,
    nowMs: EpochMs,
  ): ResponseCookies;
  /**
   * Keeps the session of a connection from becoming idle. To be called more often than once per quarter of the idle timeout
   * while the connection is in use; it writes no more often than that. Without a session it does nothing.
   */
  keepAlive(resolution: Resolution, nowMs: EpochMs): void;
}

/** The beginning of a response, and what its request was resolved to. */
export interface AnsweredRequest {
  readonly status: number;
  /** Good until the call returns that they are handed to. */
  readonly fields: FieldSection;
  readonly resolution: Resolution;
}

/** Takes the keys of sessions from the responses that issue them. */
export interface Learner {
  /**
   * What a response says of sessions. The promise settles as soon as the session map knows of it, so that the client may
   * ask any node next; it never rejects for lack of a store. Undefined: nothing new. A reader wants to see the body.
   */
  learn(claim: Claim, response: AnsweredRequest, nowMs: EpochMs): Promise<void> | BodyReader | undefined;
}

/** Looks for a key in the first pieces of a response body. */
export interface BodyReader {
  /** `undecided` asks for the next piece. A promise is as that of {@link Learner.learn}; undefined: there is no key. */
  read(piece: Buffer): 'undecided' | Promise<void> | undefined;
}
