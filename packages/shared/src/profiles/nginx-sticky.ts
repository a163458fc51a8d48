import { nginxBytes, nginxTimeMs } from './nginx-values.ts';

/** A `sticky` directive of nginx 1.29.6 and later, as nginx understands it. */
export type NginxSticky =
  | { readonly kind: 'cookie'; readonly cookie: NginxCookie }
  | { readonly kind: 'route'; readonly variables: readonly string[] }
  | { readonly kind: 'learn'; readonly learn: NginxLearn }
  /** One that nginx does not accept, and what it says to it. */
  | { readonly kind: 'refused'; readonly says: string };

export interface NginxCookie {
  readonly name: string;
  /** Undefined: the cookie ends with the browser. */
  readonly expires: string | undefined;
  readonly domain: string | undefined;
  readonly path: string | undefined;
  readonly sameSite: string | undefined;
  readonly httpOnly: boolean;
  readonly secure: boolean;
}

export interface NginxLearn {
  /** Variables with their dollar sign: the first that is not empty counts. */
  readonly creates: readonly string[];
  readonly lookups: readonly string[];
  readonly zone: string;
  readonly timeoutMs: number;
}

const TEN_MINUTES_MS = 600_000;
const ZONE_BYTES_MIN = 32_768;

/** Reads the words behind `sticky`. Of several mistakes the first is told, as nginx does. */
export function readSticky([method, ...words]: readonly string[]): NginxSticky {
  if (method === undefined || words.length === 0)
    return refused('invalid number of arguments in "sticky" directive');
  switch (method) {
    case 'cookie':
      return readCookie(words);
    case 'route':
      return readRoute(words);
    case 'learn':
      return readLearn(words);
    default:
      return refused(`unknown parameter "${method}"`);
  }
}

const refused = (says: string): NginxSticky => ({ kind: 'refused', says });

/** What nginx says to a value of a parameter; undefined where it takes it. */
type Check = (value: string) => string | undefined;

const anything: Check = () => undefined;

const notEmpty =
  (name: string): Check =>
  (value) =>
    value === '' ? `no value for "${name}"` : undefined;

const COOKIE_PARAMETERS: Readonly<Record<string, Check>> = {
  'domain=': notEmpty('domain'),
  'path=': notEmpty('path'),
  'expires=': (value) =>
    value === 'max' || nginxTimeMs(value) !== undefined ? undefined : 'invalid "expires" parameter value',
  'samesite=': (value) =>
    /^(?:strict|lax|none)$|\$/i.test(value) ? undefined : 'invalid "samesite" parameter value',
  httponly: anything,
  secure: anything,
};

function readCookie([name = '', ...words]: readonly string[]): NginxSticky {
  if (name === '') return refused('empty cookie name');
  const parameters = readParameters(words, COOKIE_PARAMETERS, (key) => `parameter "${key}" is duplicate`);
  if (typeof parameters === 'string') return refused(parameters);
  const only = (key: string): string | undefined => parameters.get(key)?.[0];
  const cookie = {
    name,
    expires: only('expires='),
    domain: only('domain='),
    path: only('path='),
    sameSite: only('samesite='),
    httpOnly: parameters.has('httponly'),
    secure: parameters.has('secure'),
  };
  return { kind: 'cookie', cookie };
}

function readRoute(variables: readonly string[]): NginxSticky {
  const wrong = variables.find((variable) => !variable.startsWith('$'));
  return wrong === undefined ? { kind: 'route', variables } : refused(`invalid variable name "${wrong}"`);
}

const variable =
  (name: string): Check =>
  (value) =>
    value.startsWith('$') ? undefined : `missing variable in the "${name}" parameter`;

const LEARN_PARAMETERS: Readonly<Record<string, Check>> = {
  'zone=': objectionToZone,
  'timeout=': (value) => ((nginxTimeMs(value) ?? 0) > 0 ? undefined : 'invalid timeout'),
  'create=': variable('create'),
  'lookup=': variable('lookup'),
  header: anything,
};

function objectionToZone(value: string): string | undefined {
  const colon = value.indexOf(':');
  if (colon < 0) return 'zone size is not specified';
  if (colon === 0) return 'zone name is not specified';
  const bytes = nginxBytes(value.slice(colon + 1));
  if (bytes === undefined) return 'invalid zone size';
  return bytes < ZONE_BYTES_MIN ? 'zone is too small' : undefined;
}

function readLearn(words: readonly string[]): NginxSticky {
  const parameters = readParameters(words, LEARN_PARAMETERS, (key) =>
    key === 'zone' || key === 'timeout' ? `duplicate ${key}` : undefined,
  );
  if (typeof parameters === 'string') return refused(parameters);
  const missing = ['lookup', 'create', 'zone'].find((key) => !parameters.has(`${key}=`));
  if (missing !== undefined) return refused(`"${missing}" parameter is not specified`);
  const [zone = ''] = parameters.get('zone=') ?? [];
  const learn = {
    creates: parameters.get('create=') ?? [],
    lookups: parameters.get('lookup=') ?? [],
    zone: zone.slice(0, zone.indexOf(':')),
    timeoutMs: nginxTimeMs(parameters.get('timeout=')?.[0] ?? '') ?? TEN_MINUTES_MS,
  };
  return { kind: 'learn', learn };
}

/**
 * The values of each parameter by its name, with the sign of equality where it has one; or what nginx says.
 *
 * @param duplicateOf what nginx says to a parameter that is there a second time; undefined where it may be
 */
function readParameters(
  words: readonly string[],
  checks: Readonly<Record<string, Check>>,
  duplicateOf: (name: string) => string | undefined,
): ReadonlyMap<string, readonly string[]> | string {
  const parameters = new Map<string, readonly string[]>();
  for (const word of words) {
    const [key] = /^[a-z]+=/.exec(word) ?? [word];
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) return `unknown parameter "${word}"`;
    const earlier = parameters.get(key) ?? [];
    const value = word.slice(key.length);
    const objection = (earlier.length > 0 ? duplicateOf(key.replace('=', '')) : undefined) ?? check(value);
    if (objection !== undefined) return objection;
    parameters.set(key, [...earlier, value]);
  }
  return parameters;
}
