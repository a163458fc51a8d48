import type { EpochMs } from '@holdfast/shared';

/** An instant as answers tell of it. */
export const iso = (atMs: EpochMs): string => new Date(atMs).toISOString();
