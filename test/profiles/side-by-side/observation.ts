import type { Echo } from '../../support/endpoint-behaviours.ts';
import type { Seen } from './cast.ts';

/** What is compared of an answer. */
export const ASPECTS = ['place', 'status', 'Set-Cookie', 'Cache-Control', 'endpoint sees'] as const;
export type Aspect = (typeof ASPECTS)[number];

/** What came of a step, in words that are the same for two proxies that do the same. */
export type Observation = Readonly<Partial<Record<Aspect, string>>>;

/** What stands for an endpoint in cookies. */
export type LabelOf = (place: string) => string;

/** @param brought a `Cookie` field that is the same at both */
export function observed(
  { visit: { response }, place }: Seen,
  labelOf: LabelOf,
  brought?: string,
): Observation {
  const { status, headers, setCookies, body } = response;
  const plain = (text: string): string => plainly(text, place === undefined ? undefined : labelOf(place));
  const seen = status === 200 && body.startsWith('{') ? cookieSeen(JSON.parse(body) as Echo) : undefined;
  return {
    place: place ?? 'nowhere',
    status: String(status),
    'Set-Cookie': setCookies.map(plain).toSorted().join(' and ') || 'none',
    ...(place !== undefined && { 'Cache-Control': directivesOf(headers['cache-control']) }),
    ...(seen !== undefined && { 'endpoint sees': brought === undefined ? plain(seen) : seen }),
  };
}

const directivesOf = (field = 'none'): string => field.split(/, */).toSorted().join(', ');

function cookieSeen({ headers }: Echo): string {
  const values = headers.filter(
    (_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === 'cookie',
  );
  return values.join(' and ') || 'none';
}

/** Without what differs from run to run; `ITSELF` stands for the endpoint that has answered. */
function plainly(text: string, label: string | undefined): string {
  const own =
    label === undefined ? text : text.replaceAll(new RegExp(`(?<!\\w)${label}(?!\\w)`, 'g'), 'ITSELF');
  return own
    .replaceAll(/(?<!\w)[0-9a-f]{16}(?!\w)/g, 'HASH')
    .replaceAll(/\|[\w+/]{5}(?=[|;]|$)/g, '|DATE')
    .replaceAll(/session-\d+/g, 'session-N')
    .replaceAll(/[\w~-]{48,}/g, 'SEALED');
}
