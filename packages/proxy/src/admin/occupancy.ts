import { z } from 'zod';
import type { Answer } from './answer.ts';

const drainList = z.object({
  drains: z.array(z.object({ endpoint: z.string(), sinceMs: z.number(), deadlineMs: z.number().optional() })),
});

const occupancy = drainList.extend({
  pinned: z.record(z.string(), z.number()),
});
/** What the session map says of endpoints: which drain, and how many living pins each has. */
export type Occupancy = z.output<typeof occupancy>;

/** The answer to the question for it; undefined where the session map could not be asked. */
export const readOccupancy = (answer: Answer): Occupancy | undefined =>
  answer.kind === 'told' ? occupancy.safeParse(answer.value).data : undefined;

/** The drains alone; undefined as well where a process is of a release that is not asked for them alone. */
export const readDrains = (answer: Answer): Occupancy['drains'] | undefined =>
  answer.kind === 'told' ? drainList.safeParse(answer.value).data?.drains : undefined;
