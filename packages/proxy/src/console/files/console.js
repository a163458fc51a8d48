// Keeps pages up to date: what follows a topic of the feed, and what has to be asked for again.

import { become } from './become.js';
import { watch } from './feed.js';

/** A page that is asked for again asks the store: not each second. */
const AGAIN_EVERY = 2;

for (const element of document.querySelectorAll('[data-topic]'))
  watch(element.dataset.topic, ({ html }) => become(element, html));

if (document.querySelector('[data-again]') !== null) {
  let ticks = 0;
  watch('tick', () => {
    ticks += 1;
    if (ticks % AGAIN_EVERY === 0 && !document.hidden) void lookAgain();
  });
}

let isLooking = false;

/** Asks for this page once more, and takes over what it says in the parts that are marked for it. */
async function lookAgain() {
  if (isLooking) return;
  isLooking = true;
  try {
    const response = await fetch(location.pathname + location.search);
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    for (const element of document.querySelectorAll('[data-again]')) {
      const now = page.getElementById(element.id);
      if (now !== null) become(element, now.innerHTML);
    }
  } catch {
    // The feed says that the node does not answer.
  } finally {
    isLooking = false;
  }
}

/** A menu that is open closes when the reader goes on elsewhere, or presses Escape. */
addEventListener('click', ({ target }) => closeMenus((menu) => !menu.contains(target)));
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') closeMenus(() => true);
});

function closeMenus(isMeant) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!isMeant(menu)) continue;
    const hadFocus = menu.contains(document.activeElement);
    menu.open = false;
    if (hadFocus) menu.querySelector('summary')?.focus();
  }
}
