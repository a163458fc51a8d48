import { createHash, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';
import { refused } from './answer.ts';
import { sayRefusal } from './say-refusal.ts';

/** @param token what has to be shown at the moment; empty: nothing */
export const requireToken = (token: () => string) =>
  createMiddleware(async (context, next) => {
    const given = context.req.header('authorization') ?? '';
    if (token() !== '' && !isEqual(given, `Bearer ${token()}`))
      return sayRefusal(context, refused('DOWNSTREAM_UNAUTHORIZED', 'a bearer token is required'));
    await next();
    return undefined;
  });

/**
 * For what changes something. A browser tells with such a request which page it comes from (Fetch standard, `Origin`), and
 * nobody serves pages here: it would be a page of somebody else that reaches for the operator's loopback.
 */
export const refuseWebPages = createMiddleware(async (context, next) => {
  if (context.req.header('origin') !== undefined || context.req.header('sec-fetch-site') !== undefined)
    return sayRefusal(context, refused('DOWNSTREAM_FORBIDDEN', 'a web page may not ask for this'));
  await next();
  return undefined;
});

/** Compares digests, so that neither content nor length of the token shows in the time it takes. */
export function isEqual(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
