import { z } from 'zod';
import { affinityOfProfile, profiles } from '../profiles/index.ts';
import {
  type AffinityConfig,
  affinityConfigOf,
  genericAffinity,
  genericAffinityOf,
} from './affinity-schema.ts';

const written = z.discriminatedUnion('profile', [...profiles, genericAffinity]);

/**
 * What keeps the sessions of a pool: Holdfast's own values, or with `profile` those of another system, which are
 * translated into the former. The program sees no difference, and what is written back names no profile.
 */
export const affinity = z.codec(written, z.custom<AffinityConfig>(), {
  decode(value, context) {
    if (value.profile === undefined) return affinityConfigOf(value);
    const translated = genericAffinity.safeParse(affinityOfProfile(value));
    if (translated.success) return affinityConfigOf(translated.data);
    // A profile allows only what can be translated; what gets here would be a range that it has forgotten.
    const { path = [], message = '' } = translated.error.issues[0] ?? {};
    const impossible = `values that Holdfast can keep; ${path.join('.')}: ${message}`;
    context.issues.push({ code: 'custom', input: value, message: impossible });
    return z.NEVER;
  },
  encode: genericAffinityOf,
});
