import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { YEAR_MS } from '../config/fields.ts';
import { formatDuration } from '../duration.ts';
import { hashedKey } from './nginx-hash.ts';
import { learningSources } from './nginx-learn.ts';
import type { NginxCookie, NginxLearn, NginxSticky } from './nginx-sticky.ts';
import { nginxTimeMs } from './nginx-values.ts';
import { headerNameOf, readVariable } from './nginx-variables.ts';

/** What a directive stands for, or why there is nothing, as the two halves of a sentence. */
export type Translated =
  | { readonly kind: 'affinity'; readonly affinity: WrittenAffinity }
  | { readonly kind: 'objection'; readonly expected: string; readonly found: string };

const affinity = (written: WrittenAffinity): Translated => ({ kind: 'affinity', affinity: written });

const objection = (expected: string, found: string): Translated => ({ kind: 'objection', expected, found });

const refusal = (says: string): Translated =>
  objection('a directive that nginx accepts', `one of which it says: ${says}`);

/** Nobody waits for an endpoint of nginx that has its `max_conns`. */
const NO_WAITING = { onEndpointBusy: 'repin' } as const;

/** nginx names no end of a session that is in use. */
const OF_PINS = { absoluteTimeout: '365d', ...NO_WAITING } as const;

/** The affinity that keeps sessions as that directive does. */
export function affinityOfSticky(sticky: NginxSticky): Translated {
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
function affinityOfCookie(cookie: NginxCookie): Translated {
  const { name, expires, domain, path, sameSite, httpOnly, secure } = cookie;
  const variable = [domain, path, sameSite].find((value) => value?.includes('$'));
  if (variable !== undefined) return objection('a text without a variable', variable);
  const maxAgeMs = expires === 'max' ? YEAR_MS : nginxTimeMs(expires ?? '');
  if (maxAgeMs !== undefined && (maxAgeMs < 1_000 || maxAgeMs > YEAR_MS))
    return objection('expires from 1s to 1y', `expires=${expires}`);
  const attributes = {
    expires: maxAgeMs !== undefined,
    'max-age': maxAgeMs !== undefined,
    domain: domain !== undefined,
    httponly: httpOnly,
    secure,
    samesite: sameSite !== undefined,
    path: path !== undefined,
  };
  return affinity({
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
  });
}

const SAME_SITE: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

const PLACES = { cookie: 'cookie', arg: 'query', http: 'header' } as const;

/** The application puts the name of the endpoint into its requests. */
function affinityOfRoute(variables: readonly string[]): Translated {
  const labels = variables.map((variable) => {
    const { kind = 'upstream_http', name = '' } = readVariable(variable) ?? {};
    if (kind === 'upstream_cookie' || kind === 'upstream_http') return variable;
    const field = kind === 'http' ? headerNameOf(name) : name;
    return { type: 'label', in: PLACES[kind], name: field, derive: 'address-md5' } as const;
  });
  const unknown = labels.find((label) => typeof label === 'string');
  if (unknown !== undefined) return objection('$cookie_NAME, $arg_NAME or $http_NAME', unknown);
  return affinity({ sources: labels.filter((label) => typeof label !== 'string'), ...NO_WAITING });
}

function affinityOfLearn(learn: NginxLearn): Translated {
  const { timeoutMs } = learn;
  if (timeoutMs < 1_000 || timeoutMs > YEAR_MS)
    return objection('timeout from 1s to 365d', `timeout=${formatDuration(timeoutMs)}`);
  const sources = learningSources(learn);
  if ('expected' in sources) return objection(sources.expected, sources.found);
  return affinity({ sources: [...sources], idleTimeout: formatDuration(timeoutMs), ...OF_PINS });
}

/** The affinity for the words behind `hash`: a key, and `consistent`, which every hash of ours is. */
export function affinityOfHash([key, ...options]: readonly string[]): Translated {
  if (key === undefined || options.length > 1)
    return refusal('invalid number of arguments in "hash" directive');
  const [option = 'consistent'] = options;
  if (option !== 'consistent') return refusal(`invalid parameter "${option}"`);
  const source = hashedKey(key);
  if (source === undefined) return objection('$remote_addr, $cookie_NAME, $arg_NAME or $http_NAME', key);
  return affinity(source.type === 'source-ip' ? source : { ...source, ...OF_PINS });
}
