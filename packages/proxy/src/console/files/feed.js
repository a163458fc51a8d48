// The one stream of a page, on which its node tells of everything that the page follows.

const hearers = new Map();

/**
 * Has `hear` called with what the node says of a topic from now on. Topics are named while the page loads: the stream opens
 * when all scripts have run.
 */
export function watch(topic, hear) {
  hearers.set(topic, [...(hearers.get(topic) ?? []), hear]);
}

let stream;

addEventListener('DOMContentLoaded', follow);
// A browser has six connections to a node for all of its tabs: one that nobody looks at keeps none.
document.addEventListener('visibilitychange', follow);

function follow() {
  if (document.hidden) stream?.close();
  else open();
}

function open() {
  if (hearers.size === 0) return;
  const topics = [...hearers.keys()].join(',');
  const opened = new EventSource(`/console/feed?topics=${encodeURIComponent(topics)}`);
  stream = opened;
  for (const [topic, each] of hearers)
    opened.addEventListener(topic, ({ data }) => {
      const told = JSON.parse(data);
      for (const hear of each) hear(told);
    });
  opened.addEventListener('open', () => say('live', 'Live'));
  opened.addEventListener('error', () => {
    if (opened.readyState === EventSource.CLOSED) say('over', 'Not live: load the page again');
    else say('lost', 'Not live: looking for the node …');
  });
}

function say(state, text) {
  const element = document.getElementById('feed-state');
  if (element === null || element.dataset.state === state) return;
  element.dataset.state = state;
  element.textContent = text;
}
