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

/** The source for the keys in a field, learnt from the responses that say them if any does. */
export function sourceOf({ from, name }: RequestField, learnt: Learnt = {}): WrittenSource {
  const { header, cookie } = learnt;
  const learn = header === undefined && cookie === undefined ? {} : { learn: learnt };
  if (from !== 'cookie') return { type: from, name, ...learn };
  // A cookie is learnt from the response that sets it, without a word about that.
  const isOwn = header === undefined && cookie === name;
  return { type: 'app-cookie', name, ...(isOwn ? {} : learn) };
}
