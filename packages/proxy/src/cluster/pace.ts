/** How often a node beats, and looks at the others, while nothing happens. */
export const LOOK_EVERY_MS = 500;

/** So soon after something has changed: what changes together is told together. */
export const HURRY_MS = 10;

const WAITING_EVERY_MIN_MS = 50;

/**
 * After how long a node that waits for the others to make up their minds looks again. With every further node this takes
 * longer, so that the cluster as a whole looks no more than a hundred times a second.
 */
export const waitingEveryMs = (nodes: number): number =>
  Math.min(LOOK_EVERY_MS, Math.max(WAITING_EVERY_MIN_MS, 10 * nodes));
