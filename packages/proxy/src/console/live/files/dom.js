// Small things that all of the overview does to elements.

export const $ = (id) => document.getElementById(id);

/** Text only, never markup: what it says may come from anybody. */
export function create(tag, className = '', ...content) {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}

/** Sets text only where it differs, so that nothing is announced that is as it was. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const TIME = new Intl.DateTimeFormat([], {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const MINUTE = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

export const timeOf = (atMs) => TIME.format(atMs);
export const minuteOf = (atMs) => MINUTE.format(atMs);

/** A duration in three digits or fewer. */
export function duration(ms) {
  if (ms === undefined) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

export const count = (number) => number.toLocaleString('en').replaceAll(',', '\u202f');
