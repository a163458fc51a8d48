import { systemClock } from '@holdfast/shared';
import type { ClientRequest, Sender } from './http-client.ts';
import { readVisit, type Visit } from './visitor.ts';

interface Kept {
  readonly value: string;
  /** When the client forgets it; Infinity: with its end. */
  readonly endsAtMs: number;
}

/** A client that keeps every cookie that it is given, for as long as it may (RFC 6265 section 5.3), and brings all of them. */
export class CookieJar {
  readonly #cookies = new Map<string, Kept>();

  /** The names of the cookies, in the order in which they came. */
  get names(): readonly string[] {
    return [...this.#cookies.keys()];
  }

  valueOf(name: string): string | undefined {
    return this.#cookies.get(name)?.value;
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, { value, endsAtMs: Number.POSITIVE_INFINITY });
  }

  delete(name: string): void {
    this.#cookies.delete(name);
  }

  /** @param wanted the path, or the request, whose own cookies come before those of the jar */
  async visit(client: Sender, wanted: string | ClientRequest = '/'): Promise<Visit> {
    const response = await client.send(this.#request(typeof wanted === 'string' ? { path: wanted } : wanted));
    for (const line of response.setCookies) this.#keep(line);
    return readVisit(response, response.setCookies.length > 0);
  }

  #request(wanted: ClientRequest): ClientRequest {
    const nowMs = systemClock.now();
    const pairs = [...this.#cookies].flatMap(([name, { value, endsAtMs }]) =>
      nowMs < endsAtMs ? [`${name}=${value}`] : [],
    );
    const cookies = [wanted.headers?.cookie ?? [], pairs].flat();
    if (cookies.length === 0) return wanted;
    return { ...wanted, headers: { ...wanted.headers, cookie: cookies.join('; ') } };
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals).trim();
    const endsAtMs = endOf(attributes);
    this.#cookies.delete(name);
    if (systemClock.now() < endsAtMs)
      this.#cookies.set(name, { value: pair.slice(equals + 1).trim(), endsAtMs });
  }
}

function endOf(attributes: readonly string[]): number {
  const value = (name: string): string | undefined =>
    attributes
      .map((attribute) => attribute.trim())
      .find((attribute) => attribute.toLowerCase().startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const maxAge = value('max-age');
  const expires = value('expires');
  if (maxAge !== undefined) return systemClock.now() + Number(maxAge) * 1_000;
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
}
