import type { EpochMs } from '@holdfast/shared';
import type { CookieConfig } from '@holdfast/shared/config';

/** What a piece of the attributes is made from, where it is not the same for every cookie. */
interface Lasting {
  readonly nowMs: EpochMs;
  readonly maxAgeMs: number;
}

type Piece = string | ((lasting: Lasting) => string);

/** The attributes of the proxy's cookie, written once per pool; only value, `Secure` and dates differ by response. */
export class SetCookie {
  readonly #prefix: string;
  readonly #pieces: readonly Piece[];
  readonly #securePieces: readonly Piece[];
  readonly #maxAgeMs: number | undefined;
  readonly #idleTimeoutMs: number;

  constructor(name: string, config: CookieConfig, idleTimeoutMs: number) {
    this.#prefix = `${name}=`;
    this.#pieces = piecesOf(config, config.secure === 'always');
    this.#securePieces = piecesOf(config, config.secure !== 'never');
    this.#maxAgeMs = config.maxAge;
    this.#idleTimeoutMs = idleTimeoutMs;
  }

  /**
   * The value of a `Set-Cookie` field.
   *
   * @param isSecure whether the request arrived over TLS
   * @param endsAtMs when the session ends in any case: a cookie without a time of its own lasts no longer
   */
  format(value: string, isSecure: boolean, nowMs: EpochMs, endsAtMs: EpochMs): string {
    const maxAgeMs = this.#maxAgeMs ?? Math.min(this.#idleTimeoutMs, endsAtMs - nowMs);
    let text = this.#prefix + value;
    for (const piece of isSecure ? this.#securePieces : this.#pieces)
      text += typeof piece === 'string' ? piece : piece({ nowMs, maxAgeMs });
    return text;
  }
}

/** The attributes in their order, with as few pieces as there can be. */
function piecesOf(config: CookieConfig, isSecure: boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const name of config.attributes) {
    const piece = pieceOf(name, config, isSecure);
    const last = pieces.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') pieces[pieces.length - 1] = last + piece;
    else if (piece !== undefined) pieces.push(piece);
  }
  return pieces;
}

/** One attribute (RFC 6265, section 4.1.2), spelt as it is listed. Undefined where there is nothing to say. */
function pieceOf(name: string, config: CookieConfig, isSecure: boolean): Piece | undefined {
  const { path, domain, sameSite, httpOnly, lifetime } = config;
  switch (name.toLowerCase()) {
    case 'path':
      return `; ${name}=${path}`;
    case 'domain':
      return domain === undefined ? undefined : `; ${name}=${domain}`;
    case 'samesite':
      return `; ${name}=${sameSite}`;
    case 'httponly':
      return httpOnly ? `; ${name}` : undefined;
    case 'secure':
      return isSecure ? `; ${name}` : undefined;
    default:
      return lifetime === 'permanent' ? lastingPiece(name) : undefined;
  }
}

/** Whole seconds, rounded up: the client may keep the cookie until the session has ended, and not a second less. */
const lastingPiece = (name: string): Piece =>
  name.toLowerCase() === 'expires'
    ? ({ nowMs, maxAgeMs }) => `; ${name}=${new Date(nowMs + maxAgeMs).toUTCString()}`
    : ({ maxAgeMs }) => `; ${name}=${Math.ceil(maxAgeMs / 1000)}`;

/** The same cookie for requests from other sites, which browsers hold back without `SameSite=None` and `Secure`. */
export function twinOf(config: CookieConfig): CookieConfig {
  const listed = config.attributes.filter((name) => !/^(?:samesite|secure)$/i.test(name));
  const attributes = [...listed, 'SameSite', 'Secure'];
  return { ...config, sameSite: 'None', secure: 'always', attributes };
}
