/**
 * Whose failure it was: the client's side, the endpoint's side, the session map, or ours.
 */
export type ErrorSource = 'downstream' | 'upstream' | 'store' | 'internal';

/** Whether the same work may be tried again: `if-nothing-sent` leaves it to who knows what was sent. */
export type Retryability = 'never' | 'if-nothing-sent' | 'yes';

const ERRORS = {
  DOWNSTREAM_BAD_REQUEST: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_BODY_TOO_LARGE: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_DISCONNECTED: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_FORBIDDEN: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_NOT_FOUND: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_NO_ROUTE: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_PRECONDITION_FAILED: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_TIMEOUT: { source: 'downstream', retryable: 'never' },
  DOWNSTREAM_UNAUTHORIZED: { source: 'downstream', retryable: 'never' },
  UPSTREAM_BAD_RESPONSE: { source: 'upstream', retryable: 'never' },
  UPSTREAM_CONNECT_FAILED: { source: 'upstream', retryable: 'yes' },
  UPSTREAM_CONNECT_TIMEOUT: { source: 'upstream', retryable: 'yes' },
  UPSTREAM_NO_UPGRADE: { source: 'upstream', retryable: 'never' },
  UPSTREAM_NONE_AVAILABLE: { source: 'upstream', retryable: 'never' },
  UPSTREAM_QUEUE_FULL: { source: 'upstream', retryable: 'yes' },
  UPSTREAM_QUEUE_TIMEOUT: { source: 'upstream', retryable: 'yes' },
  UPSTREAM_RESET: { source: 'upstream', retryable: 'if-nothing-sent' },
  UPSTREAM_TIMEOUT: { source: 'upstream', retryable: 'never' },
  STORE_UNAVAILABLE: { source: 'store', retryable: 'yes' },
  STORE_READ_ONLY: { source: 'store', retryable: 'yes' },
  STORE_CORRUPT_VALUE: { source: 'store', retryable: 'never' },
  STORE_CLOSED: { source: 'store', retryable: 'never' },
  INTERNAL: { source: 'internal', retryable: 'never' },
  INTERNAL_SHUTDOWN: { source: 'internal', retryable: 'never' },
} as const satisfies Record<string, { source: ErrorSource; retryable: Retryability }>;

/** Every error code, stable across releases. The part before the first `_` is the source. */
export type ErrorCode = keyof typeof ERRORS;

/** All codes, for documentation and tests. */
export const errorCodes = Object.keys(ERRORS) as readonly ErrorCode[];

/**
 * An error that carries what its handler must know, so that nobody parses a message: a stable code,
 * whose failure it was, whether trying again can help, and what caused it.
 *
 * Outcomes that callers expect (a lost compare-and-set, a full pool) are values, never this.
 */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly code: ErrorCode;
  readonly source: ErrorSource;
  readonly retryable: Retryability;

  /** @param message what was attempted on what, starting in lower case, without secrets */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.source = ERRORS[code].source;
    this.retryable = ERRORS[code].retryable;
  }

  /** Any thrown value as a HoldfastError: itself, or wrapped as `INTERNAL`. */
  static from(thrown: unknown): HoldfastError {
    if (thrown instanceof HoldfastError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new HoldfastError('INTERNAL', `unexpected: ${message}`, thrown);
  }
}

/** For a branch that the types say cannot be reached. */
export function unreachable(value: never, what: string): never {
  throw new HoldfastError('INTERNAL', `unhandled ${what}: ${JSON.stringify(value)}`);
}
