// The overview: charts, requests as they pass, and events.

import { hearTraffic } from './charts.js';
import { $, create, say, timeOf } from './dom.js';
import { watch } from './feed.js';
import { hearRequests } from './tail.js';

const EVENTS_MAX = 100;
const TROUBLE_SHOWN_MS = 3_000;

watch('traffic', hearTraffic);
watch('requests', hearRequests);

watch('events', ({ all, lines }) => {
  const list = $('events');
  if (all) list.replaceChildren();
  list.prepend(...lines.toReversed().map(eventOf));
  while (list.childElementCount > EVENTS_MAX) list.lastElementChild.remove();
  $('no-events').hidden = list.childElementCount > 0;
});

function eventOf({ at, type, text, key }) {
  const time = create('time', 'number quiet', timeOf(Date.parse(at)));
  time.dateTime = at;
  return create('li', type, time, ' ', key === undefined ? text : linkTo(key, text));
}

function linkTo(key, text) {
  const link = create('a', '', text);
  link.href = `/console/sessions/${encodeURIComponent(key)}`;
  return link;
}

let troubleIsOver;

/** Something was not answered, and may be a second later. */
watch('trouble', ({ message }) => {
  const trouble = $('trouble');
  say(trouble, `Not all of this is up to date: ${message}`);
  trouble.hidden = false;
  clearTimeout(troubleIsOver);
  troubleIsOver = setTimeout(() => {
    trouble.hidden = true;
  }, TROUBLE_SHOWN_MS);
});
