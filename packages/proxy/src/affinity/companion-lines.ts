import type { CompanionConfig } from '@holdfast/shared/config';

/**
 * The `Set-Cookie` values of a companion and its twin.
 *
 * @param sealed what they say; undefined deletes them
 * @param attributes of the cookie that they follow, as written, from the first `;`
 */
export function companionLines(
  { name, twin }: CompanionConfig,
  sealed: string | undefined,
  attributes: string,
): readonly string[] {
  const following = sealed === undefined ? expired(attributes) : attributes;
  const line = `${name}=${sealed ?? ''}${following}`;
  return twin === undefined ? [line] : [line, `${twin}=${sealed ?? ''}${acrossSites(following)}`];
}

/** An application may delete its cookie by nothing but an empty value. */
const expired = (attributes: string): string =>
  /;\s*(?:max-age|expires)\s*=/i.test(attributes) ? attributes : `${attributes}; Max-Age=0`;

/** What browsers want of a cookie that requests from other sites shall carry. */
export const acrossSites = (attributes: string): string =>
  `${attributes
    .split(';')
    .filter((attribute) => !/^\s*(?:samesite\s*=.*|secure\s*)$/i.test(attribute))
    .join(';')}; SameSite=None; Secure`;
