import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { Operations } from '../../admin/admin-app.ts';
import { refused } from '../../admin/answer.ts';
import { goOn, noticeOf } from '../notices.ts';
import { type ConsoleEnv, renderPage } from '../page.ts';
import { sayRefusalPage } from '../refusal-page.ts';
import type { Sampler } from '../sample.ts';
import { nodesRegion } from './nodes-region.ts';

/** This node among the others, and its reload. */
export function serveNodePages(pages: Hono<ConsoleEnv>, { reload }: Operations, sampler: Sampler): void {
  pages.get('/nodes', async (context) =>
    renderPage(context, {
      title: 'Nodes',
      current: 'nodes',
      body: html`<h1>Nodes</h1>
        ${noticeOf(context)}
        <div class="stack" data-topic="nodes">${nodesRegion(await sampler.take())}</div>
        <form class="card line" method="post" action="/console/nodes/reload">
          <button>Reload the configuration</button>
          <span class="quiet">Of this node, from its file. What cannot be taken on changes nothing.</span>
        </form>`,
    }),
  );
  pages.post('/nodes/reload', async (context) => {
    const report = await reload();
    sampler.forget();
    return report.outcome === 'applied'
      ? goOn(context, '/console/nodes', 'reload')
      : sayRefusalPage(context, refused('DOWNSTREAM_BAD_REQUEST', report.problems.join('; ')));
  });
}
