import { START_OF_CLUSTER } from './cluster-world.ts';

/** Pages that tell of a cluster which runs already, in the order in which they come to it. */
export const ABOUT_A_CLUSTER: readonly string[] = [
  'docs/guides/production.md',
  'docs/guides/metrics.md',
  'docs/guides/incidents.md',
  'docs/guides/operating.md',
];

/** Programs that pages need and that not every machine has. */
export const PROGRAMS_NEEDED: Readonly<Record<string, string>> = { 'docs/guides/php-sessions.md': 'php' };

/** What runs before the first block of a page. */
export const beginningOf = (page: string): string => (ABOUT_A_CLUSTER.includes(page) ? START_OF_CLUSTER : '');
