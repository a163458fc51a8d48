import { z } from 'zod';
import type { Answer } from './answer.ts';

/** What the session map says of endpoints: which drain, and how many living pins each has. */
const occupancy = z.object({
  drains: z.array(z.object({ endpoint: z.string(), sinceMs: z.number(), deadlineMs: z.number().optional() })),
  pinned: z.record(z.string(), z.number()),
});
export type Occupancy = z.output<typeof occupancy>;

/** The answer to the question for it; undefined where the session map could not be asked. */
export const readOccupancy = (answer: Answer): Occupancy | undefined =>
  answer.kind === 'told' ? occupancy.safeParse(answer.value).data : undefined;
