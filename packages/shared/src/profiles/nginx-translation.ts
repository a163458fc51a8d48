import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { YEAR_MS } from '../config/fields.ts';
import { formatDuration } from '../duration.ts';
import { hashedKey } from './nginx-hash.ts';
import { learningSources } from './nginx-learn.ts';
import type { NginxCookie, NginxLearn, NginxSticky } from './nginx-sticky.ts';
import { nginxTimeMs } from './nginx-values.ts';
import { requestField } from './nginx-variables.ts';
import { isRefused, type Refused, refused } from './refused.ts';
import { NO_OTHER_END } from './written-source.ts';

const refusal = (says: string): Refused =>
  refused('a directive that nginx accepts', `one of which it says: ${says}`);

const FIELDS = '$cookie_NAME, $arg_NAME or $http_NAME';

/** Nobody waits for an endpoint of nginx that has its `max_conns`. */
const NO_WAITING = { onEndpointBusy: 'repin' } as const;

const OF_PINS = { absoluteTimeout: NO_OTHER_END, ...NO_WAITING } as const;

/** The affinity that keeps sessions as that directive does. */
export function affinityOfSticky(sticky: NginxSticky): WrittenAffinity | Refused {
  switch (sticky.kind) {
    case 'refused':
      return refusal(sticky.says);
    case 'cookie':
      return affinityOfCookie(sticky.cookie);
    case 'route':
      return affinityOfRoute(sticky.variables);
    case 'learn':
      return affinityOfLearn(sticky.learn);
  }
}

/** nginx shows the cookie to endpoints, tells caches nothing of it, and writes only what the directive says. */
function affinityOfCookie(cookie: NginxCookie): WrittenAffinity | Refused {
  const { name, expires, domain, path, sameSite, httpOnly, secure } = cookie;
  const variable = [domain, path, sameSite].find((value) => value?.includes('$'));
  if (variable !== undefined) return refused('a text without a variable', variable);
  const maxAgeMs = expires === 'max' ? YEAR_MS : nginxTimeMs(expires ?? '');
  if (maxAgeMs !== undefined && (maxAgeMs < 1_000 || maxAgeMs > YEAR_MS))
    return refused('expires from 1s to 1y', `expires=${expires}`);
  const attributes = {
    expires: maxAgeMs !== undefined,
    'max-age': maxAgeMs !== undefined,
    domain: domain !== undefined,
    httponly: httpOnly,
    secure,
    samesite: sameSite !== undefined,
    path: path !== undefined,
  };
  return {
    type: 'label-cookie',
    name,
    derive: 'address-md5',
    hidden: false,
    ...NO_WAITING,
    cookie: {
      refresh: 'always',
      cacheControl: 'none',
      attributes: Object.entries(attributes).flatMap(([attribute, isSaid]) => (isSaid ? attribute : [])),
      ...(maxAgeMs !== undefined && { lifetime: 'permanent', maxAge: formatDuration(maxAgeMs) }),
      ...(domain !== undefined && { domain }),
      ...(path !== undefined && { path }),
      ...(sameSite !== undefined && { sameSite: SAME_SITE[sameSite.toLowerCase()] }),
      ...(secure && { secure: 'always' }),
    },
  };
}

const SAME_SITE: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

/** The application puts the name of the endpoint into its requests. */
function affinityOfRoute(variables: readonly string[]): WrittenAffinity | Refused {
  const unknown = variables.find((variable) => requestField(variable) === undefined);
  if (unknown !== undefined) return refused(FIELDS, unknown);
  const labels = variables.flatMap((variable) => {
    const { from, name } = requestField(variable) ?? {};
    return from === undefined || name === undefined
      ? []
      : ({ type: 'label', in: from, name, derive: 'address-md5' } as const);
  });
  return { sources: labels, ...NO_WAITING };
}

function affinityOfLearn(learn: NginxLearn): WrittenAffinity | Refused {
  const { timeoutMs } = learn;
  if (timeoutMs < 1_000 || timeoutMs > YEAR_MS)
    return refused('timeout from 1s to 365d', `timeout=${formatDuration(timeoutMs)}`);
  const sources = learningSources(learn);
  if (isRefused(sources)) return sources;
  return { sources: [...sources], idleTimeout: formatDuration(timeoutMs), ...OF_PINS };
}

/** The affinity for the words behind `hash`: a key, and `consistent`, which every hash of ours is. */
export function affinityOfHash([key, ...options]: readonly string[]): WrittenAffinity | Refused {
  if (key === undefined || options.length > 1)
    return refusal('invalid number of arguments in "hash" directive');
  const [option = 'consistent'] = options;
  if (option !== 'consistent') return refusal(`invalid parameter "${option}"`);
  const source = hashedKey(key);
  if (source === undefined) return refused(`$remote_addr, ${FIELDS}`, key);
  return source.type === 'source-ip' ? source : { ...source, ...OF_PINS };
}
