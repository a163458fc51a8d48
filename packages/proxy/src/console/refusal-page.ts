import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Refusal } from '../admin/answer.ts';
import { statusOf } from '../admin/say-refusal.ts';
import { type ConsoleContext, renderBarePage, renderPage } from './page.ts';

/** Says why something is not done, to somebody who may be anybody. */
export const refusePage = (
  context: ConsoleContext,
  status: ContentfulStatusCode,
  title: string,
  why: string,
): Response | Promise<Response> =>
  renderBarePage(context, {
    title,
    status,
    body: html`<h1>${title}</h1><p>${why}</p><p><a href="/console/">To the console</a></p>`,
  });

/** Says why what an operator wanted is not done. */
export const sayRefusalPage = (context: ConsoleContext, { code, message }: Refusal): Promise<Response> =>
  renderPage(context, {
    title: 'Not done',
    status: statusOf(code),
    body: html`<section class="card" role="alert">
      <h1>Not done</h1>
      <p>${message}</p>
      <p class="quiet"><code>${code}</code></p>
      <p><a href="${backOf(context)}">Back</a></p>
    </section>`,
  });

/** The page of this console that a request comes from. */
function backOf(context: ConsoleContext): string {
  const from = URL.parse(context.req.header('referer') ?? '');
  return from?.pathname.startsWith('/console/') === true ? from.pathname + from.search : '/console/';
}
