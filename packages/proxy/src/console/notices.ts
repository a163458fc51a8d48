import { html } from 'hono/html';
import type { ConsoleContext, Html } from './page.ts';

/** What has just been done, by the word that the address of the page afterwards has for it. */
const DONE: Readonly<Record<string, string>> = {
  drain: 'The endpoint drains: it gets no new sessions, on any node.',
  undrain: 'The endpoint gets new sessions again.',
  add: 'The endpoint was added to this node.',
  remove: 'The endpoint was removed from this node.',
  move: 'The session was moved. Its endpoint is told with its next request.',
  unpin:
    'The session was forgotten: its next request begins a new one, or follows what its cookie vouches for.',
  reload: 'The configuration was reloaded.',
};

export type Done = 'drain' | 'undrain' | 'add' | 'remove' | 'move' | 'unpin' | 'reload';

/** Goes on to a page that says what was done, so that reloading it does nothing again. */
export const goOn = (context: ConsoleContext, path: string, done: Done): Response =>
  context.redirect(`${path}${path.includes('?') ? '&' : '?'}done=${done}`, 303);

/** What has been done, for the top of the page; nothing where nothing has. */
export function noticeOf(context: ConsoleContext): Html | string {
  const said = DONE[context.req.query('done') ?? ''];
  return said === undefined ? '' : html`<p class="notice" role="status">${said}</p>`;
}
