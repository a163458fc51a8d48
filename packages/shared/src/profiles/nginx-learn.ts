import type { z } from 'zod';
import type { affinitySources } from '../config/affinity-source-schema.ts';
import type { NginxLearn } from './nginx-sticky.ts';
import { headerNameOf, readVariable } from './nginx-variables.ts';

/** One way to know a session, as a file writes it. */
export type WrittenSource = z.input<(typeof affinitySources)[number]>;

/** A variable that means nothing to Holdfast in its place, and those that would. */
export interface Unusable {
  readonly expected: string;
  readonly found: string;
}

/** A source for each `lookup`, which learns its keys where the directive has them created. */
export function learningSources({ creates, lookups }: NginxLearn): readonly WrittenSource[] | Unusable {
  const learn = learnt(creates);
  if ('expected' in learn) return learn;
  const sources: WrittenSource[] = [];
  for (const lookup of lookups) {
    const source = sourceOf(lookup, learn);
    if (source === undefined) return { expected: LOOKUPS, found: `lookup=${lookup}` };
    sources.push(source);
  }
  return sources;
}

const CREATES = 'create=$upstream_http_NAME or create=$upstream_cookie_NAME, each once at most';
const LOOKUPS = 'lookup=$cookie_NAME, lookup=$arg_NAME or lookup=$http_NAME';

interface Learnt {
  readonly header?: string;
  readonly cookie?: string;
}

function learnt(creates: readonly string[]): Learnt | Unusable {
  const learn: { header?: string; cookie?: string } = {};
  for (const create of creates) {
    const { kind, name = '' } = readVariable(create) ?? {};
    if (kind === 'upstream_cookie' && learn.cookie === undefined) learn.cookie = name;
    else if (kind === 'upstream_http' && learn.header === undefined) learn.header = headerNameOf(name);
    else return { expected: CREATES, found: `create=${create}` };
  }
  return learn;
}

function sourceOf(lookup: string, learn: Learnt): WrittenSource | undefined {
  const { kind, name = '' } = readVariable(lookup) ?? {};
  switch (kind) {
    case 'cookie':
      return { type: 'app-cookie', name, ...(isOnly(learn, name) ? {} : { learn }) };
    case 'arg':
      return { type: 'query', name, learn };
    case 'http':
      return { type: 'header', name: headerNameOf(name), learn };
    default:
      return undefined;
  }
}

/** A cookie is learnt from the response that sets it, without a word about that. */
const isOnly = ({ header, cookie }: Learnt, name: string): boolean => header === undefined && cookie === name;
