/** What a response does with cookies, as far as they are the proxy's. */
export interface ResponseCookies {
  /**
   * What becomes of a `Set-Cookie` value of the endpoint, which is dropped where the answer is undefined. No function: all
   * of them pass unseen.
   */
  readonly ofEndpoint: ((setCookie: string) => string | undefined) | undefined;
  /** Our own `Set-Cookie` values, mostly none. */
  readonly setCookies: readonly string[];
  /** What caches are told beside what the endpoint tells them; undefined: nothing. */
  readonly cacheControl: CookieCaching | undefined;
}

/** `private`: only the client's own cache may keep the response. `no-cache`: any may, without reusing its `Set-Cookie`. */
export type CookieCaching = 'private' | 'no-cache';

/** For responses that say nothing of sessions. */
export const NO_RESPONSE_COOKIES: ResponseCookies = {
  ofEndpoint: undefined,
  setCookies: [],
  cacheControl: undefined,
};

/** Lets an endpoint set any cookie but those of that name. */
export const exceptNamed =
  (names: readonly string[]) =>
  (setCookie: string): string | undefined =>
    names.some((name) => isAbout(setCookie, name)) ? undefined : setCookie;

/** Whether a `Set-Cookie` value is about the cookie of that name. */
export const isAbout = (value: string, name: string): boolean =>
  value.startsWith(name) && value.slice(name.length).trimStart().startsWith('=');
