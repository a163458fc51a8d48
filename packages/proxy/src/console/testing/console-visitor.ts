import type { Hono } from 'hono';

/** What a console answers. */
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A browser at a console, as far as cookies, redirects and `Origin` go. It runs no script. */
export class ConsoleVisitor {
  readonly #app: Hono;
  readonly #host: string;
  readonly #cookies = new Map<string, string>();

  constructor(app: Hono, host = '127.0.0.1:9900') {
    this.#app = app;
    this.#host = host;
  }

  /** What the browser keeps, as `name=value`. */
  get cookies(): readonly string[] {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`);
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    return this.#send(path, { headers });
  }

  /** Sends a form, as its own page does unless `headers` say otherwise. */
  post(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = { origin: `http://${this.#host}` },
  ): Promise<Answered> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  }

  /** Sends a form, and goes where that leads. */
  async submit(path: string, fields: Readonly<Record<string, string>>): Promise<Answered> {
    const answered = await this.post(path, fields);
    const location = answered.headers.get('location');
    return location === null ? answered : this.get(location);
  }

  async #send(path: string, request: RequestInit): Promise<Answered> {
    const headers = new Headers(request.headers);
    headers.set('host', headers.get('host') ?? this.#host);
    if (this.#cookies.size > 0) headers.set('cookie', this.cookies.join('; '));
    const response = await this.#app.request(path, { ...request, headers });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return { status: response.status, text: await response.text(), headers: response.headers };
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/max-age=0/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
