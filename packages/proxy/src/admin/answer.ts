import { type ErrorCode, HoldfastError } from '@holdfast/shared';
import { z } from 'zod';

/** What comes of a question: a value, or why there is none. It may have come from another process of the node. */
export type Answer = { readonly kind: 'told'; readonly value: unknown } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  readonly code: ErrorCode;
  readonly message: string;
}

export const told = (value: unknown): Answer => ({ kind: 'told', value });

/** @param message what is wrong, where, and what to do about it */
export const refused = (code: ErrorCode, message: string): Refusal => ({ kind: 'refused', code, message });

export const unknownPool = (pool: string): Refusal =>
  refused('DOWNSTREAM_NOT_FOUND', `no pool "${pool}" in the configuration`);

/** A failure of the store as an answer; everything else is a fault of ours. */
export function failed(error: unknown): Answer {
  const { source, code, message } = HoldfastError.from(error);
  if (source !== 'store') throw error;
  return refused(code, `${message}: try again when the store answers`);
}

const answer = z.union([
  // JSON has no undefined: an answer that there is nothing to tell arrives without a value.
  z.object({ kind: z.literal('told'), value: z.unknown().optional() }),
  z.object({ kind: z.literal('refused'), code: z.string(), message: z.string() }),
]);

/** An answer as it came from another process; undefined where it is none. */
export const readAnswer = (given: unknown): Answer | undefined =>
  answer.safeParse(given).data as Answer | undefined;
