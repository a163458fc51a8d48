// Asks for the cart once a second, and shows what the headers of the answer say of the session.

import { drawLinks } from './diagram.js';
import { duration, hint, localId, OUTCOMES, readTrace } from './words.js';

const POLL_INTERVAL_MS = 1_000;

const $ = (id) => document.getElementById(id);

/** Sets text only where it differs, so that screen readers announce changes and nothing else. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** What is known now; everything shown follows from it. */
let view = { cart: undefined, trace: undefined, state: undefined, isNodeSilent: false };

const tally = new Map(JSON.parse(sessionStorage.getItem('tally') ?? '[]'));

async function loadCart(request) {
  const response = await fetch(...request);
  const trace = readTrace(response);
  tally.set(trace.outcome, (tally.get(trace.outcome) ?? 0) + 1);
  sessionStorage.setItem('tally', JSON.stringify([...tally]));
  view = { ...view, trace, isNodeSilent: false, ...(response.ok && (await response.json())) };
}

async function loadState() {
  const response = await fetch('/_demo/state');
  if (response.ok) view = { ...view, state: await response.json() };
}

async function refresh(cartRequest = ['/cart', { headers: { accept: 'application/json' } }]) {
  try {
    await loadCart(cartRequest);
    await loadState();
  } catch {
    view = { ...view, isNodeSilent: true };
  }
  show();
}

function show() {
  if (view.trace !== undefined) showPlace(view.trace);
  if (view.cart !== undefined) showCart(view.cart);
  $('cart').classList.toggle('stale', view.trace?.endpoint === '');
  if (view.state !== undefined) showState(view.state);
  say($('hint'), hint(view));
  showLinks();
}

const showLinks = () =>
  drawLinks($('links'), $('nodes'), $('endpoints'), view.trace && localId(view.trace.endpoint));

function showPlace({ node, endpoint, outcome, reason, tier, version, pinnedAtMs }) {
  const id = localId(endpoint) || '–';
  const holder = $('holder');
  if (holder.textContent !== id) {
    say(holder, id);
    holder.classList.remove('moved');
    void holder.offsetWidth; // Reading the layout lets the animation begin anew.
    holder.classList.add('moved');
  }
  say($('holder-name'), endpoint === '' ? 'no endpoint' : `endpoint ${id}`);
  say($('node'), view.isNodeSilent ? 'no answer' : node);
  say($('pin'), version === undefined ? 'none' : `version ${version}`);
  say($('age'), Number.isFinite(pinnedAtMs) ? duration(Date.now() - pinnedAtMs) : '–');
  say($('outcome'), `${outcome}: ${OUTCOMES[outcome] ?? ''}${reason === undefined ? '' : ` (${reason})`}`);
  $('outcome').title = tier === undefined ? '' : `found in: ${tier}`;
  say($('tally'), [...tally].map(([name, count]) => `${count} ${name}`).join(', '));
}

function showCart(cart) {
  for (const { id, quantity } of cart.lines) {
    say(document.querySelector(`[data-product="${id}"] output`), String(quantity));
  }
  say($('total'), cart.total);
  say($('keeper'), view.endpoint);
  $('notice').hidden = cart.notice === undefined;
  say($('notice'), cart.notice ?? '');
}

function showState({ endpoints, nodes, timeline }) {
  const holder = view.trace && localId(view.trace.endpoint);
  for (const endpoint of endpoints) showEndpoint(endpoint, endpoint.id === holder);
  for (const node of nodes) showNode(node);
  const kill = $('kill-holder');
  const isHolderRunning = endpoints.some(({ id, isRunning }) => id === holder && isRunning);
  kill.hidden = !isHolderRunning;
  say(kill, `Kill endpoint ${holder}`);
  showConsoles(nodes);
  showTimeline(timeline);
}

/** The way to where everybody's sessions are seen, not only this one. */
function showConsoles(nodes) {
  const place = $('consoles');
  if (place.childElementCount > 0) return;
  const links = nodes.map(({ id, consoleUrl }) => newTab(id, consoleUrl));
  place.replaceChildren('Watch it in the console of ', ...links.flatMap((link) => [' or ', link]).slice(1));
}

/** The card of a node or an endpoint, made once: elements that stay keep the keyboard's focus. */
function cardOf(list, id, kind = '') {
  const known = list.querySelector(`[data-id="${id}"]`);
  if (known !== null) return known;
  const card = create('li', 'actor');
  card.dataset.id = id;
  const name = create('strong');
  name.append(create('span', 'kind', kind), ` ${id}`);
  const button = create('button');
  button.type = 'button';
  card.append(name, create('small'), button);
  list.append(card);
  return card;
}

function create(tag, className = '', text = '') {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function showEndpoint({ id, isRunning }, isHolder) {
  const card = cardOf($('endpoints'), id, 'Endpoint');
  const [, status, button] = card.children;
  card.classList.toggle('here', isHolder && isRunning);
  card.classList.toggle('down', !isRunning);
  say(status, isRunning ? (isHolder ? 'has your session' : 'alive') : 'killed');
  say(button, isRunning ? 'Kill' : 'Revive');
  button.ariaLabel = `${button.textContent} endpoint ${id}`;
  button.onclick = () => act(button, `endpoints/${id}/${isRunning ? 'kill' : 'revive'}`);
}

function showNode({ id, url, isRunning }) {
  const card = cardOf($('nodes'), id);
  const [, status, button] = card.children;
  const { port } = new URL(url);
  const isHere = port === location.port;
  const isUp = isRunning && !(isHere && view.isNodeSilent);
  card.classList.toggle('here', isHere && isUp);
  card.classList.toggle('down', !isUp);
  if (isHere || !isUp) say(status, isUp ? 'you are here' : 'restarting');
  else if (status.querySelector('a') === null) status.replaceChildren(linkTo(port));
  say(button, 'Restart');
  button.ariaLabel = `Restart ${id}`;
  button.onclick = () => act(button, `nodes/${id}/restart`);
}

/** The other node under the name by which this page was reached: cookies belong to a name, not to its ports. */
function linkTo(port) {
  return newTab(`open :${port}`, `//${location.hostname}:${port}/`);
}

function newTab(text, href) {
  const link = create('a', '', text);
  link.href = href;
  link.target = '_blank';
  return link;
}

function showTimeline(entries) {
  const list = $('timeline');
  const newest = list.firstElementChild?.dataset.id ?? '';
  if (String(entries[0]?.id ?? '') === newest) return;
  list.replaceChildren(...entries.map(timelineItem));
}

function timelineItem({ id, atMs, kind, text }) {
  const item = create('li', kind);
  item.dataset.id = id;
  item.append(
    create('time', '', new Date(atMs).toLocaleTimeString([], { hour12: false })),
    create('span', '', text),
  );
  return item;
}

/** Asks for a change. The button is not disabled meanwhile, because it would lose the keyboard's focus. */
async function act(button, path) {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    await fetch(`/_demo/${path}`, { method: 'POST' });
  } catch {
    // A node that does not answer shows itself at the next poll.
  }
  await refresh();
  button.ariaBusy = 'false';
}

async function poll() {
  await refresh();
  setTimeout(poll, POLL_INTERVAL_MS);
}

$('kill-holder').onclick = ({ currentTarget }) =>
  act(currentTarget, `endpoints/${$('holder').textContent}/kill`);
for (const form of document.querySelectorAll('form')) {
  form.onsubmit = (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    refresh(['/cart/items', { method: 'POST', headers: { accept: 'application/json' }, body }]);
  };
}
addEventListener('resize', showLinks);
poll();
