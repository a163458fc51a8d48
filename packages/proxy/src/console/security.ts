import { isIP } from 'node:net';
import { createMiddleware } from 'hono/factory';
import type { ConsoleEnv } from './page.ts';
import { refusePage } from './refusal-page.ts';

/**
 * What a page of the console may do: load its own files, talk to its own node, and be framed by nobody (Content Security
 * Policy Level 3). There is no inline script and no inline style anywhere.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** Without `no-referrer`, with which browsers leave a form's origin out (Fetch standard, section 3.1). */
const FIELDS = {
  'Content-Security-Policy': POLICY,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
} as const;

export const strictFields = createMiddleware<ConsoleEnv>(async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(FIELDS)) context.res.headers.set(name, value);
  if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store');
});

/**
 * Without a token everybody may look who gets here, which is the operator's own machine. A page of somebody else gets here by
 * a name of its own that it has bound to this address (DNS rebinding), so that only names count which nobody else can bind.
 */
export const refuseForeignNames = createMiddleware<ConsoleEnv>(async (context, next) => {
  if (!context.get('hasLogin') && !isOwnName(context.req.header('host') ?? ''))
    return refusePage(context, 403, 'Not by this name', NOT_BY_THIS_NAME);
  await next();
  return undefined;
});

const NOT_BY_THIS_NAME =
  'Without admin.token the console answers to an IP address and to localhost only, as any website could bind another name to this address.';

/** @param host the `Host` of a request */
export function isOwnName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) > 0 || name === 'localhost' || name.endsWith('.localhost');
}

/**
 * A change has to come from a page of this console. A browser tells from which page it comes (Fetch standard, `Origin`), also
 * where a cookie would come with it, as from another port of the same machine.
 */
export const refuseForeignPages = createMiddleware<ConsoleEnv>(async (context, next) => {
  const { method } = context.req;
  const isChange = method !== 'GET' && method !== 'HEAD';
  if (isChange && !isOwnPage(context.req.header('origin'), context.req.header('host')))
    return refusePage(context, 403, 'Not from this page', NOT_FROM_THIS_PAGE);
  await next();
  return undefined;
});

const NOT_FROM_THIS_PAGE =
  'Changes are taken from the pages of this console only. A proxy in front of it must pass the Host field on as it is.';

/** @param origin undefined where the request names none, as programs do: they have the admin API */
export const isOwnPage = (origin: string | undefined, host: string | undefined): boolean =>
  origin !== undefined && host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
