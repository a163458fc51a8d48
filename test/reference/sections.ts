import { requestSections, requestTable } from './api-tables.ts';
import { commandHelp } from './command-help.ts';
import { configurationTables } from './configuration-tables.ts';
import { errorTable } from './error-table.ts';
import { attributeTable, metricTables } from './metric-tables.ts';
import { redisKeyTable, redisScriptTable } from './redis-tables.ts';
import { sizingTable } from './sizing-table.ts';

/** A part of a page that is written by the program which it is about, and not by hand. */
export interface Section {
  readonly page: string;
  /** What its marks say: `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
  readonly name: string;
  readonly content: () => string;
}

export const SECTIONS: readonly Section[] = [
  { page: 'docs/reference/configuration.md', name: 'configuration', content: configurationTables },
  { page: 'docs/reference/command.md', name: 'command', content: commandHelp },
  { page: 'docs/reference/admin-api.md', name: 'requests', content: requestTable },
  { page: 'docs/reference/admin-api.md', name: 'request-details', content: requestSections },
  { page: 'docs/reference/errors.md', name: 'codes', content: errorTable },
  { page: 'docs/reference/metrics.md', name: 'metrics', content: metricTables },
  { page: 'docs/reference/metrics.md', name: 'attributes', content: attributeTable },
  { page: 'docs/reference/redis.md', name: 'redis-keys', content: redisKeyTable },
  { page: 'docs/reference/redis.md', name: 'redis-scripts', content: redisScriptTable },
  { page: 'docs/guides/redis.md', name: 'redis-sizing', content: sizingTable },
];
