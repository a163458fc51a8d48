import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { ipHash } from './nginx-hash.ts';
import { type NginxSticky, readSticky } from './nginx-sticky.ts';
import { nginxTokens } from './nginx-tokens.ts';
import { affinityOfHash, affinityOfSticky } from './nginx-translation.ts';
import { isRefused, line } from './refused.ts';

/**
 * What keeps the sessions of an `upstream` of nginx, as directives that may be without their names. What is wrong with one
 * is said in the words of nginx.
 */
export const nginx = z
  .strictObject({
    profile: z.literal('nginx').describe('Sessions as an upstream of nginx keeps them.'),
    sticky: line((text) => affinityOfSticky(stickyOf(text)))
      .optional()
      .describe('The directive of this name, such as cookie srv_id expires=1h.'),
    ip_hash: z.literal(true).optional().describe('By the first three octets of an IPv4 address.'),
    hash: line((text) => affinityOfHash(wordsOf(text, 'hash').words))
      .optional()
      .describe('The directive of this name, such as $remote_addr consistent.'),
  })
  .superRefine(({ sticky, ip_hash, hash }, context) => {
    const count = [sticky, ip_hash, hash].filter((value) => value !== undefined).length;
    if (count === 1) return;
    const params = { found: count === 0 ? 'none' : `${count} of them` };
    context.addIssue({ code: 'custom', message: 'one of sticky, ip_hash and hash', params });
  });

export type NginxProfile = z.output<typeof nginx>;

/** @param values that the schema has let through, so that there is an affinity for them */
export function nginxAffinity({ sticky, hash }: NginxProfile): WrittenAffinity {
  if (sticky === undefined && hash === undefined) return ipHash();
  const translated =
    sticky === undefined
      ? affinityOfHash(wordsOf(hash ?? '', 'hash').words)
      : affinityOfSticky(stickyOf(sticky));
  return isRefused(translated) ? { type: 'none' } : translated;
}

/** The zone of a `sticky learn`, of which no two upstreams may have the same. */
export function nginxZoneOf({ sticky = '' }: NginxProfile): string | undefined {
  const read = stickyOf(sticky);
  return read.kind === 'learn' ? read.learn.zone : undefined;
}

function stickyOf(text: string): NginxSticky {
  const { words, isDuplicate } = wordsOf(text, 'sticky');
  return isDuplicate ? { kind: 'refused', says: '"sticky" directive is duplicate' } : readSticky(words);
}

/** The words behind the name of a directive, which may be left out like the sign at its end. */
function wordsOf(text: string, name: string): { words: readonly string[]; isDuplicate: boolean } {
  const tokens = nginxTokens(text);
  const end = tokens.findIndex(({ kind }) => kind === ';');
  const words = (end < 0 ? tokens : tokens.slice(0, end)).map((token) => token.text);
  return {
    words: words[0] === name ? words.slice(1) : words,
    isDuplicate: end >= 0 && end < tokens.length - 1,
  };
}
