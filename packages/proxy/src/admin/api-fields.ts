import { parseDuration } from '@holdfast/shared';
import { z } from 'zod';

/** The kinds of single values that the admin API takes and tells. */

/** @param what it is expected to be, in words */
export const duration = (maxMs: number, what: string) =>
  z
    .string()
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= maxMs, what)
    .meta({ description: what, examples: ['10m'] });

export const count = z.int().min(0);
export const instant = z.iso.datetime();
