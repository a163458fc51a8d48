import { html } from 'hono/html';
import type { Html } from './page.ts';

/** How much of something there is, beside the most that there could be. @param label what it says, for who does not see it */
export const bar = (part: number, most: number, label: string): Html => {
  const percent = most <= 0 ? 0 : Math.round((100 * Math.min(part, most)) / most);
  return html`<svg class="bar" role="img" aria-label="${label}" viewBox="0 0 100 6" preserveAspectRatio="none"><rect width="${percent}" height="6" /></svg>`;
};
