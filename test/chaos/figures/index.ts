import type { Figure } from '../figure.ts';
import { drain } from './drain.ts';
import { endpointFrozen } from './endpoint-frozen.ts';
import { endpointKilled } from './endpoint-killed.ts';
import { redisFrozen, redisKilled } from './redis-lost.ts';
import { repinSeen, repinSeenLate } from './repin-seen.ts';
import { rollingRestart } from './rolling-restart.ts';
import { stickiness } from './stickiness.ts';

/** In the order of the table. */
export const FIGURES: readonly Figure[] = [
  stickiness,
  endpointKilled,
  endpointFrozen,
  redisKilled,
  redisFrozen,
  repinSeen,
  repinSeenLate,
  rollingRestart,
  drain,
];
