import { html } from 'hono/html';
import type { Html } from './page.ts';

/** What stands before a word, so that no status is told by its colour alone. */
const SIGNS: Readonly<Record<string, string>> = {
  serving: '●',
  alive: '●',
  self: '●',
  joining: '○',
  draining: '◐',
  suspect: '▲',
  down: '✕',
  gone: '✕',
  left: '○',
};

/** How an endpoint or a node stands, as a sign and a word. */
export const standingMark = (standing: string): Html =>
  html`<span class="standing ${standing}"><span aria-hidden="true">${SIGNS[standing] ?? '·'}</span> ${standing}</span>`;
