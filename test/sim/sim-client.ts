import type { TestRequest } from '../../packages/proxy/src/testing/test-exchange.ts';
import { COOKIE_NAME, KEY_HEADER } from './sim-settings.ts';

/** A cookie in a jar, and what is known of the session that it was issued for. */
export interface KeptCookie {
  readonly value: string;
  readonly session: string;
  readonly version: number | undefined;
}

/** Somebody with a session: by the cookie that came last, or by a key of its own. */
export class SimClient {
  readonly name: string;
  readonly by: 'cookie' | 'key';
  jar: KeptCookie | undefined = undefined;

  constructor(name: string, by: 'cookie' | 'key') {
    this.name = name;
    this.by = by;
  }

  /** @param hasBody where the method may have one */
  request(method: string, hasBody: boolean): TestRequest {
    if (method === 'GET' || !hasBody) return { method, fields: this.#fields };
    return { method, fields: [...this.#fields, 'Content-Length', '1'], arrivedBody: 'x' };
  }

  get #fields(): readonly string[] {
    if (this.by === 'key') return [KEY_HEADER, this.name];
    return this.jar === undefined ? [] : ['Cookie', `${COOKIE_NAME}=${this.jar.value}`];
  }
}
