import { getConnInfo } from '@hono/node-server/conninfo';
import type { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Operations } from '../../admin/admin-app.ts';
import { isEqual } from '../../admin/admin-guard.ts';
import { readForm } from '../forms.ts';
import { type ConsoleContext, type ConsoleEnv, type Html, renderBarePage } from '../page.ts';
import { refusePage } from '../refusal-page.ts';
import { Attempts } from './attempts.ts';
import { PASS_LIFETIME_MS, Passes } from './passes.ts';

const LOGIN = '/console/login';

const credentials = z.object({ token: z.string().default(''), to: z.string().default('') });

/**
 * Has everybody show the token who comes to a page that is registered after this; without a token, nobody has to. The feed is
 * no page: it is answered with 401, which ends it.
 */
export function serveLogin(pages: Hono<ConsoleEnv>, { token, clock }: Operations): void {
  const passes = new Passes(token, clock);
  const attempts = new Attempts(clock);

  const isIn = async (context: ConsoleContext): Promise<boolean> =>
    token() === '' || (await passes.isGood(passIn(context) ?? ''));

  pages.get('/login', async (context) => {
    const destination = destinationOf(context.req.query('to') ?? '');
    return (await isIn(context)) ? context.redirect(destination, 303) : renderLogin(context, destination);
  });
  pages.post('/login', async (context) => {
    const form = await readForm(context, credentials);
    if (form.kind === 'refused') return refusePage(context, 400, 'Not done', form.message);
    const { token: given } = form.fields;
    const destination = destinationOf(form.fields.to);
    const address = addressOf(context);
    const waitMs = attempts.waitMs(address);
    if (waitMs > 0) return renderTooMany(context, waitMs);
    if (token() === '' || !isEqual(given, token())) {
      attempts.wrong(address);
      return renderLogin(context, destination, true);
    }
    keep(context, await passes.issue());
    return context.redirect(destination, 303);
  });
  pages.post('/logout', async (context) => {
    await passes.giveBack(passIn(context) ?? '');
    deleteCookie(context, cookieName(context), { path: '/console' });
    return context.redirect(LOGIN, 303);
  });
  pages.use(
    '*',
    createMiddleware<ConsoleEnv>(async (context, next) => {
      if (!(await isIn(context))) return sendToLogin(context);
      context.set('isIn', () => isIn(context));
      await next();
      return undefined;
    }),
  );
}

const passIn = (context: ConsoleContext): string | undefined => getCookie(context, cookieName(context));

/** Cookies know no ports (RFC 6265 section 8.5), and nodes of one machine may have tokens of their own. */
const cookieName = (context: ConsoleContext): string => {
  const [, port] = /:(\d+)$/.exec(context.req.header('host') ?? '') ?? [];
  return port === undefined ? 'holdfast-console' : `holdfast-console-${port}`;
};

/** The browser says whether it speaks TLS with us, or with a proxy in front. */
const keep = (context: ConsoleContext, pass: string): void =>
  setCookie(context, cookieName(context), pass, {
    path: '/console',
    httpOnly: true,
    sameSite: 'Strict',
    secure: context.req.header('origin')?.startsWith('https:') === true,
    maxAge: PASS_LIFETIME_MS / 1_000,
  });

function sendToLogin(context: ConsoleContext): Response {
  const { method, path, url } = context.req;
  if (path.endsWith('/feed')) return context.body(null, 401);
  const to = method === 'GET' ? path + new URL(url).search : '/console/';
  return context.redirect(`${LOGIN}?${new URLSearchParams({ to })}`, 303);
}

/** A page of this console, and never one of somebody else. */
function destinationOf(given: string): string {
  const isOurs = /^\/console\/[\w\-./?=&%:+]*$/.test(given);
  return isOurs && !given.startsWith(LOGIN) ? given : '/console/';
}

const addressOf = (context: ConsoleContext): string =>
  isFromSocket(context.env) ? (getConnInfo(context).remote.address ?? '') : '';

const isFromSocket = (env: unknown): boolean => typeof env === 'object' && env !== null && 'incoming' in env;

const renderLogin = (
  context: ConsoleContext,
  destination: string,
  wasWrong = false,
): Response | Promise<Response> =>
  renderBarePage(context, {
    title: 'Log in',
    status: wasWrong ? 403 : 200,
    body: html`<h1>Log in</h1>
      ${wasWrong ? html`<p class="notice bad" role="alert">That is not the token of this node.</p>` : ''}
      ${tokenForm(destination, wasWrong)}
      <p class="quiet">It is <code>admin.token</code> of the configuration.</p>`,
  });

const tokenForm = (
  destination: string,
  wasWrong: boolean,
): Html => html`<form method="post" action="${LOGIN}">
  <input type="hidden" name="to" value="${destination}">
  <label for="token">Token</label>
  <input id="token" name="token" type="password" autocomplete="current-password" required autofocus
    ${wasWrong ? 'aria-invalid=true' : ''}>
  <button class="primary">Log in</button>
</form>`;

function renderTooMany(context: ConsoleContext, waitMs: number): Response | Promise<Response> {
  const seconds = Math.ceil(waitMs / 1_000);
  context.header('Retry-After', String(seconds));
  return renderBarePage(context, {
    title: 'Too many attempts',
    status: 429,
    body: html`<h1>Too many attempts</h1><p role="alert">Try again in ${seconds} seconds.</p>`,
  });
}
