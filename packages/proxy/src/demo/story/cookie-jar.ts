/**
 * The cookies of one visitor, as far as the demo needs them: every address of the demo is one host, where
 * browsers share cookies across ports, and every cookie has the path `/`. Ends with the process.
 */
export class CookieJar {
  readonly #values = new Map<string, string>();

  /** Keeps, replaces or, where it has ended, drops the cookie of a `Set-Cookie` line. Answers its name. */
  store(setCookie: string): string | undefined {
    const [pair = '', ...attributes] = setCookie.split(';').map((part) => part.trim());
    const separator = pair.indexOf('=');
    if (separator < 1) return undefined;
    const name = pair.slice(0, separator);
    if (attributes.some((attribute) => /^max-age=(?:0|-\d+)$/i.test(attribute))) this.#values.delete(name);
    else this.#values.set(name, pair.slice(separator + 1));
    return name;
  }

  /** The `Cookie` header to send, or undefined while the jar is empty. */
  header(): string | undefined {
    if (this.#values.size === 0) return undefined;
    return [...this.#values].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
