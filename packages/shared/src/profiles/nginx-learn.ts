import type { NginxLearn } from './nginx-sticky.ts';
import { readVariable, requestField } from './nginx-variables.ts';
import { isRefused, type Refused, refused } from './refused.ts';
import { type Learnt, sourceOf, type WrittenSource } from './written-source.ts';

const CREATES = 'create=$upstream_http_NAME or create=$upstream_cookie_NAME, each once at most';
const LOOKUPS = 'lookup=$cookie_NAME, lookup=$arg_NAME or lookup=$http_NAME';

/** A source for each `lookup`, which learns its keys where the directive has them created. */
export function learningSources({ creates, lookups }: NginxLearn): readonly WrittenSource[] | Refused {
  const learn = learnt(creates);
  if (isRefused(learn)) return learn;
  const sources: WrittenSource[] = [];
  for (const lookup of lookups) {
    const field = requestField(lookup);
    if (field === undefined) return refused(LOOKUPS, `lookup=${lookup}`);
    sources.push(sourceOf(field, learn));
  }
  return sources;
}

function learnt(creates: readonly string[]): Learnt | Refused {
  const learn: { header?: string; cookie?: string } = {};
  for (const create of creates) {
    const variable = readVariable(create);
    if (variable?.of !== 'response' || learn[variable.from] !== undefined)
      return refused(CREATES, `create=${create}`);
    learn[variable.from] = variable.name;
  }
  return learn;
}
