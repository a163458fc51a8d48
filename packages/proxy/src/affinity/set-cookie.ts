import type { SourceConfigOf } from '@holdfast/shared/config';

/** The attributes of the proxy's cookie, written once per pool; only the value and `Secure` differ by request. */
export class SetCookie {
  readonly #prefix: string;
  readonly #attributes: string;
  readonly #secureAttributes: string;

  constructor(source: SourceConfigOf<'cookie'>, idleTimeoutMs: number) {
    const { path, domain, sameSite, secure, httpOnly, lifetime } = source.cookie;
    this.#prefix = `${source.name}=`;
    const maxAge = Math.floor(idleTimeoutMs / 1000);
    const attributes = [
      `Path=${path}`,
      ...(domain === undefined ? [] : [`Domain=${domain}`]),
      // A cookie that outlives the browser must end with the session; one that does not has neither attribute.
      ...(lifetime === 'permanent' ? [`Max-Age=${maxAge}`] : []),
      ...(httpOnly ? ['HttpOnly'] : []),
      `SameSite=${sameSite}`,
    ].join('; ');
    this.#attributes = secure === 'always' ? `; ${attributes}; Secure` : `; ${attributes}`;
    this.#secureAttributes = secure === 'never' ? `; ${attributes}` : `; ${attributes}; Secure`;
  }

  /** The value of a `Set-Cookie` field. @param isSecure whether the request arrived over TLS */
  format(value: string, isSecure: boolean): string {
    return this.#prefix + value + (isSecure ? this.#secureAttributes : this.#attributes);
  }
}
