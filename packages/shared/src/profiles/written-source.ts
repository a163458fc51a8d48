import type { z } from 'zod';
import type { affinitySources } from '../config/affinity-source-schema.ts';

/** One way to know a session, as a file writes it. */
export type WrittenSource = z.input<(typeof affinitySources)[number]>;

/** Longer than any session that is used, for systems that name no end of a session that goes on. */
export const NO_OTHER_END = '365d';

/** A part of a request that other systems take keys from. */
export interface RequestField {
  readonly from: 'cookie' | 'header' | 'query';
  readonly name: string;
}

/** Where responses say keys. */
export interface Learnt {
  readonly header?: string;
  readonly cookie?: string;
}

/**
 * The source for the keys in a field, learnt from the responses that say them if any does.
 *
 * @param isGiven whether a key that no response has said begins a session; it does where none says any
 */
export function sourceOf(
  { from, name }: RequestField,
  learnt: Learnt = {},
  isGiven = isNothing(learnt),
): WrittenSource {
  const learn = !isNothing(learnt) && { learn: learnt };
  const given = isGiven && ({ given: true } as const);
  // Other fields are given where none is learnt, without a word about that.
  if (from !== 'cookie') return { type: from, name, ...(learn && { ...learn, ...given }) };
  // A cookie is learnt from the response that sets it, likewise.
  const isOwn = learnt.header === undefined && learnt.cookie === name;
  return { type: 'app-cookie', name, ...(!isOwn && learn), ...given };
}

const isNothing = ({ header, cookie }: Learnt): boolean => header === undefined && cookie === undefined;
