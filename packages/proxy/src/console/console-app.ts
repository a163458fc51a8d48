import { HoldfastError } from '@holdfast/shared';
import { Hono } from 'hono';
import type { Operations } from '../admin/admin-app.ts';
import { refused } from '../admin/answer.ts';
import { consoleFiles, serveFiles } from './files.ts';
import { liveFiles, serveLive } from './live/live-routes.ts';
import { serveLogin } from './login/login.ts';
import type { ConsoleEnv } from './page.ts';
import { serveEndpointPages } from './pages/endpoint-pages.ts';
import { serveExplainPages } from './pages/explain-pages.ts';
import { serveNodePages } from './pages/node-pages.ts';
import { serveSessionPages } from './pages/session-pages.ts';
import { refusePage, sayRefusalPage } from './refusal-page.ts';
import { Sampler } from './sample.ts';
import { refuseForeignNames, refuseForeignPages, strictFields } from './security.ts';

/**
 * Pages for people who would rather look than read, below `/console/` of the admin listener. They ask the same questions as the
 * admin API, whose token opens them, and no request from elsewhere changes anything by them.
 */
export function serveConsole(app: Hono, operations: Operations): void {
  const sampler = new Sampler(operations);
  const pages = new Hono<ConsoleEnv>();
  pages.onError((error, context) => {
    const { code, message } = HoldfastError.from(error);
    return sayRefusalPage(context, refused(code, message));
  });
  pages.use('*', strictFields, async (context, next) => {
    context.set('sampler', sampler);
    context.set('hasLogin', operations.token() !== '');
    await next();
  });
  pages.use('*', refuseForeignNames, refuseForeignPages);
  serveFiles(pages, new Map([...consoleFiles, ...liveFiles]));
  serveLogin(pages, operations);
  serveLive(pages, { operations, sampler });
  serveEndpointPages(pages, operations, sampler);
  serveSessionPages(pages, operations, sampler);
  serveExplainPages(pages, operations, sampler);
  serveNodePages(pages, operations, sampler);
  pages.all('*', (context) =>
    refusePage(context, 404, 'Nothing here', `There is no page at ${context.req.path}.`),
  );
  app.get('/', async (context, next) => {
    if (context.req.header('accept')?.includes('text/html') === true)
      return context.redirect('/console/', 302);
    await next();
    return undefined;
  });
  app.get('/console', (context) => context.redirect('/console/', 302));
  app.route('/console/', pages);
}
