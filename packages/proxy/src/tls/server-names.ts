/**
 * Finds what belongs to a host name. A pattern is a name, or `*.name` for the names one level below it, as in a
 * certificate (RFC 9525 section 6.3). A name in full goes before a pattern, and what was added first before the rest.
 */
export class ServerNames<Value> {
  readonly #exact = new Map<string, Value>();
  readonly #oneBelow = new Map<string, Value>();

  add(pattern: string, value: Value): void {
    const name = pattern.toLowerCase();
    const [values, key] = name.startsWith('*.') ? [this.#oneBelow, name.slice(1)] : [this.#exact, name];
    if (!values.has(key)) values.set(key, value);
  }

  find(serverName: string): Value | undefined {
    const name = serverName.toLowerCase();
    const firstDot = name.indexOf('.');
    return this.#exact.get(name) ?? (firstDot > 0 ? this.#oneBelow.get(name.slice(firstDot)) : undefined);
  }
}
