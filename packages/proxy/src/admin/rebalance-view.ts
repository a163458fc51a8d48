import { parsePercentage, parseRate } from '@holdfast/shared';
import { RATE_MAX } from '@holdfast/shared/config';
import { z } from 'zod';
import { count, duration, instant } from './api-fields.ts';

const IDLE_MS_MAX = 3_600_000;

const rate = z
  .string()
  .refine((text) => (parseRate(text) ?? Number.POSITIVE_INFINITY) <= RATE_MAX, `a rate up to ${RATE_MAX}/s`)
  .meta({ description: 'how many sessions are moved in a second, at most', examples: ['50/s'] });

const percentage = z
  .string()
  .refine((text) => parsePercentage(text) !== undefined, 'a whole percentage')
  .meta({ examples: ['10%'] });

const transfer = z.object({ from: z.string(), to: z.string(), sessions: count });

/** How far a rebalance is. */
export const rebalanceView = z.object({
  pool: z.string(),
  state: z.enum(['none', 'planned', 'running', 'balanced', 'in-use', 'stopped']).meta({
    description: 'none: this node has begun none. in-use: over, and what is left to move is in use',
  }),
  trigger: z.enum(['operator', 'joined']).optional(),
  startedAt: instant.optional(),
  endedAt: instant.optional(),
  moved: count.meta({ description: 'pins that have moved' }),
  plan: z.array(transfer).meta({ description: 'what is left to move, by the last count' }),
  rate: z.string().optional(),
  idleFor: z.string().optional(),
  tolerance: z.string().optional(),
});
export type RebalanceView = z.output<typeof rebalanceView>;

/** What a rebalance is asked to be; the configuration says what is not said here. */
export const rebalanceWishes = z.object({
  rate: rate.optional(),
  idleFor: duration(IDLE_MS_MAX, 'a duration of an hour at most').optional(),
  tolerance: percentage.optional(),
  dryRun: z.boolean().default(false).meta({ description: 'only tell the plan' }),
});
