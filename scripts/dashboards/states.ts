import type { States } from './panel.ts';

/** The standings of an endpoint, from the one that is wanted to the one that is not; a state's place is its number. */
export const STANDINGS = ['serving', 'draining', 'suspect', 'down'] as const;

export const STANDING_COLORS: States = [
  ['serving', 'green'],
  ['draining', 'blue'],
  ['suspect', 'orange'],
  ['down', 'red'],
];

/** The modes of the store. */
export const STORE_MODES = ['normal', 'reconciling', 'degraded'] as const;

export const STORE_MODE_COLORS: States = [
  ['normal', 'green'],
  ['reconciling', 'blue'],
  ['degraded', 'red'],
];

/** The phases of a node. */
export const PHASES = ['serving', 'starting', 'leaving'] as const;

export const PHASE_COLORS: States = [
  ['serving', 'green'],
  ['starting', 'blue'],
  ['leaving', 'orange'],
];

export const AVAILABLE: States = [
  ['away', 'red'],
  ['available', 'green'],
];

export const CUT_OFF: States = [
  ['no', 'green'],
  ['cut off', 'red'],
];

export const LIVE: States = [
  ['silent', 'orange'],
  ['live', 'green'],
];

/** Of an alert there is a series only while it fires, and that is 1. */
export const FIRING: States = [
  ['quiet', 'green'],
  ['fires', 'red'],
];
