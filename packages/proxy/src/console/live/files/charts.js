// The charts of the last ten minutes, drawn from points that the node tells second by second.

import { $, count, create, duration, minuteOf, say, timeOf } from './dom.js';

/** How much time is shown: the least of these that has room for all that is known. */
const WINDOWS_S = [60, 120, 300, 600];
const LONGEST_S = 600;
const WIDTH = 100;
const HEIGHT = 100;
/** Above the highest point. */
const ROOM = 4;

/** What the node has told, by second and by minute. */
const seconds = new Map();
const minutes = new Map();
/** What the charts show. */
let view = { now: 0, windowS: WINDOWS_S[0] };
/** How many seconds ago the reader points at; undefined: the reader does not. */
let pointedAt;

const perSecond = (name) => ({
  most: (point) => point[name],
  least: 1,
  read: (point) => count(point[name]),
  scale: count,
});

const CHARTS = {
  finished: {
    ...perSecond('finished'),
    paths: (points, y) => ({ area: area(points, 'finished', y), line: line(points, 'finished', y) }),
  },
  failed: { ...perSecond('failed'), paths: (points, y) => ({ bars: bars(points, 'failed', y) }) },
  latency: {
    most: ({ p99Ms = 0 }) => p99Ms,
    least: 1,
    read: ({ p50Ms, p99Ms }) => (p50Ms === undefined ? '–' : `${duration(p50Ms)} · ${duration(p99Ms)}`),
    scale: duration,
    paths: (points, y) => ({ line: line(points, 'p50Ms', y), beyond: line(points, 'p99Ms', y) }),
  },
  moved: { ...perSecond('moved'), paths: (points, y) => ({ bars: bars(points, 'moved', y) }) },
};

export function hearTraffic(told) {
  if (told.all) {
    seconds.clear();
    minutes.clear();
  }
  for (const point of told.seconds) seconds.set(point.second, point);
  for (const point of told.minutes) minutes.set(point.second, point);
  forgetBefore(Math.max(0, ...seconds.keys()) - LONGEST_S);
  if (!document.hidden) draw();
}

function forgetBefore(oldest) {
  for (const second of seconds.keys()) if (second <= oldest) seconds.delete(second);
  for (const minute of minutes.keys()) if (minute + 60 <= oldest) minutes.delete(minute);
}

function draw() {
  const points = [...seconds.values()].sort((one, other) => one.second - other.second);
  const now = points.at(-1)?.second ?? 0;
  const known = now - (points[0]?.second ?? now);
  view = { now, windowS: WINDOWS_S.find((windowS) => known < windowS) ?? LONGEST_S };
  for (const figure of document.querySelectorAll('[data-chart]')) drawChart(figure, points);
  read();
  if ($('minutes').closest('details').open) drawMinutes();
}

/** The middle of a second, which is as wide as any other. */
const xOf = (second) => WIDTH - ((view.now - second + 0.5) / view.windowS) * WIDTH;

function drawChart(figure, points) {
  const chart = CHARTS[figure.dataset.chart];
  const most = niceCeiling(Math.max(chart.least, ...points.map(chart.most)));
  const paths = chart.paths(points, (value) => HEIGHT - (value / most) * (HEIGHT - ROOM));
  for (const [name, path] of Object.entries(paths)) figure.querySelector(`.${name}`).setAttribute('d', path);
  say(figure.querySelector('.most'), chart.scale(most));
  say(figure.querySelector('.since'), `${view.windowS / 60} min ago`);
  const highest = points.reduce((found, point) => Math.max(found, chart.most(point)), 0);
  const latest = points.at(-1);
  if (latest !== undefined)
    say(figure.querySelector('desc'), `Now ${chart.read(latest)}, at most ${chart.scale(highest)}`);
}

/** The next of 1, 2, 3, 5, 10, 20, ... */
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 3, 5, 10].find((step) => step * power >= value * 0.999);
}

/** Runs of seconds that follow each other and have that value: a gap is a time in which nobody watched, or nothing came. */
function runs(points, name) {
  const found = [];
  let last;
  for (const point of points.filter((each) => each[name] !== undefined)) {
    if (last === undefined || point.second > last + 1) found.push([]);
    found.at(-1).push(point);
    last = point.second;
  }
  return found;
}

const at = (point, name, y) => `${xOf(point.second).toFixed(2)} ${y(point[name]).toFixed(1)}`;

/** A single second is a line as well, as wide as a second. */
const steps = (run, name, y) =>
  run.map((point) => at(point, name, y)).join('L') + (run.length === 1 ? `h${WIDTH / view.windowS}` : '');

const line = (points, name, y) =>
  runs(points, name)
    .map((run) => `M${steps(run, name, y)}`)
    .join('');

const area = (points, name, y) =>
  runs(points, name)
    .map((run) => `M${xOf(run[0].second).toFixed(2)} ${HEIGHT}L${steps(run, name, y)}V${HEIGHT}Z`)
    .join('');

const bars = (points, name, y) =>
  points
    .filter((point) => point[name] > 0)
    .map((point) => `M${at(point, name, y)}V${HEIGHT}`)
    .join('');

/** Says beside each chart what it shows of the latest second, or of the one that the reader points at. */
function read() {
  const isPointed = pointedAt !== undefined;
  const second = view.now - (pointedAt ?? 0);
  const point = seconds.get(second);
  for (const figure of document.querySelectorAll('[data-chart]')) {
    const reading = figure.querySelector('.reading');
    say(reading, point === undefined ? '–' : CHARTS[figure.dataset.chart].read(point));
    figure
      .querySelector('.hair')
      .setAttribute('d', isPointed ? `M${xOf(second).toFixed(2)} 0V${HEIGHT}` : '');
  }
  const unwatched = point === undefined ? ', when nobody watched' : '';
  say($('charts-when'), isPointed ? `at ${timeOf(second * 1_000)}${unwatched}` : '');
}

function drawMinutes() {
  const rows = [...minutes.values()].sort((one, other) => other.second - one.second).map(minuteRow);
  $('minutes').replaceChildren(...rows);
}

function minuteRow({ second, finished, failed, moved, p50Ms, p99Ms }) {
  const head = create('th', '', minuteOf(second * 1_000));
  head.scope = 'row';
  const figures = [count(finished), count(failed), count(moved), duration(p50Ms), duration(p99Ms)];
  return create('tr', '', head, ...figures.map((text) => create('td', 'number', text)));
}

for (const plot of document.querySelectorAll('.plot')) {
  plot.onpointermove = ({ clientX }) => {
    const { left, width } = plot.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - left) / width));
    pointedAt = Math.min(view.windowS - 1, Math.floor((1 - share) * view.windowS));
    read();
  };
  plot.onpointerleave = () => {
    pointedAt = undefined;
    read();
  };
}
$('minutes').closest('details').ontoggle = drawMinutes;
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) draw();
});
