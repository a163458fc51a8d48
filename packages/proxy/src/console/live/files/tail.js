// Requests as they pass, the latest first: those that the reader wants to see.

import { $, count, create, duration, say, timeOf } from './dom.js';

const KEPT_MAX = 500;
const SHOWN_MAX = 100;

/** What the node has told, the latest first; while the reader has paused, what has come since is held back. */
let kept = [];
let held = [];
let isPaused = false;
let leftOut = 0;

const body = document.querySelector('#requests tbody');
const filters = $('filters');
const pause = $('pause');

export function hearRequests(told) {
  const news = told.lines.toReversed();
  leftOut += told.leftOut;
  if (told.all && !isPaused) showAll(news);
  else if (isPaused) hold(told.all ? newer(news) : news);
  else showMore(news);
  sayHowMany();
}

/** Of those that are told again, the ones that are neither shown nor held. */
function newer(lines) {
  const latestMs = (held[0] ?? kept[0])?.atMs ?? 0;
  return lines.filter(({ atMs }) => atMs > latestMs);
}

function hold(lines) {
  held = [...lines, ...held].slice(0, KEPT_MAX);
}

function showAll(lines) {
  kept = lines.slice(0, KEPT_MAX);
  body.replaceChildren(...kept.filter(wantedBy(filters)).slice(0, SHOWN_MAX).map(rowOf));
}

/** Puts the new ones before the others, which stay the elements that they are: the reader may be at one of them. */
function showMore(lines) {
  kept = [...lines, ...kept].slice(0, KEPT_MAX);
  body.prepend(...lines.filter(wantedBy(filters)).slice(0, SHOWN_MAX).map(rowOf));
  while (body.childElementCount > SHOWN_MAX) body.lastElementChild.remove();
}

function sayHowMany() {
  say(pause, isPaused ? (held.length === 0 ? 'Go on' : `Go on (${count(held.length)} more)`) : 'Pause');
  $('no-requests').hidden = body.childElementCount > 0;
  say($('no-requests'), kept.length === 0 ? 'No request yet.' : 'None of the latest requests is like that.');
  $('left-out').hidden = leftOut === 0;
  say($('left-out'), `${count(leftOut)} are left out: of more than 25 a second, not all have a line.`);
}

function wantedBy(form) {
  const wanted = Object.fromEntries(new FormData(form));
  const text = wanted.text.trim().toLowerCase();
  return ({ pool, endpoint = '', outcome = '', status, path, session = '', traceId = '', requestId = '' }) =>
    (wanted.pool === '' || wanted.pool === pool) &&
    (wanted.endpoint === '' || wanted.endpoint === endpoint) &&
    (wanted.outcome === '' || wanted.outcome === outcome) &&
    (wanted.status === '' || wanted.status[0] === String(status)[0]) &&
    [path, session, traceId, requestId].some((each) => each.toLowerCase().includes(text));
}

function rowOf(line) {
  const cells = [
    create('td', 'time quiet', timeOf(line.atMs)),
    requestCell(line),
    create('td', 'number', String(line.status)),
    endpointCell(line),
    outcomeCell(line),
    create('td', 'number', duration(line.durationMs)),
    sessionCell(line),
  ];
  return create('tr', kindOf(line), ...cells);
}

const kindOf = ({ status, outcome }) => (status >= 500 || status === 'refused' ? 'failed' : (outcome ?? ''));

/** What else there is to say in a cell. */
function beside(...words) {
  const text = words.filter((word) => word !== undefined && word !== 'none').join(' · ');
  return text === '' ? [] : [' ', create('span', 'quiet', text)];
}

function requestCell({ method, path, listener, requestId, error }) {
  const cell = create('td', 'request', create('b', '', method), ` ${path}`, ...beside(error));
  cell.title = `${requestId === undefined ? '' : `Request ${requestId} `}on listener ${listener}`;
  return cell;
}

const endpointCell = ({ endpoint, pool, retries }) =>
  create('td', '', endpoint ?? (pool || '–'), ...beside(retries > 0 ? `after ${retries} more` : undefined));

const outcomeCell = ({ outcome, reason, source, tier }) =>
  create('td', 'outcome', create('b', '', outcome ?? '–'), ...beside(reason, source, tier));

function sessionCell({ session, traceId }) {
  const cell = create('td', 'session', session === undefined ? '–' : linkTo(session));
  if (traceId === undefined) return cell;
  const trace = create('span', 'quiet', `trace ${traceId.slice(0, 8)}…`);
  trace.title = traceId;
  cell.append(' ', trace);
  return cell;
}

/** The way to where the session can be looked at, moved and unpinned. */
function linkTo(session) {
  const link = create('a', '', create('code', '', `${session.slice(0, 11)}…`));
  link.href = `/console/sessions/${encodeURIComponent(session)}`;
  return link;
}

pause.onclick = () => {
  isPaused = !isPaused;
  pause.ariaPressed = String(isPaused);
  if (!isPaused) showMore(held);
  held = [];
  sayHowMany();
};
filters.onsubmit = (event) => event.preventDefault();
filters.oninput = () => {
  showAll(kept);
  sayHowMany();
};
