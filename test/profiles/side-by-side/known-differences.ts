import type { Aspect } from './observation.ts';

/** Something that Holdfast does otherwise, on purpose. */
export interface KnownDifference {
  readonly title: string;
  readonly why: string;
  readonly where: readonly Difference[];
}

export interface Difference {
  readonly scenario: string;
  /** Phase and title of the step. */
  readonly step: string;
  readonly aspect: Aspect;
  readonly theirs: string;
  readonly ours: string;
}

type Row = readonly [scenario: string, step: string, aspect: Aspect, theirs: string, ours: string];

const rows = (...all: readonly Row[]): readonly Difference[] =>
  all.map(([scenario, step, aspect, theirs, ours]) => ({ scenario, step, aspect, theirs, ours }));

const BACK = 's1 is back: its endpoint is back';
const VISITS = [
  'all serve: a first visit',
  'all serve: Bob settles at s1',
  's1 is dead: its endpoint is dead',
] as const;
const OUR_COOKIE = 'lb=SEALED; Path=/; HttpOnly; SameSite=Lax';

/** The whole list, which docs/profiles/side-by-side.md shows. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    title: 'A session that has moved stays',
    why: 'nginx and Caddy compute the endpoint of a key, and HAProxy with stick match reads a table that only a response changes: when the endpoint is back, the session goes back, and loses what it had elsewhere. Here a session that has lost its endpoint moves once.',
    where: rows(
      ['haproxy-stick-match', BACK, 'place', 'another', 'same'],
      ['nginx-hash-cookie', BACK, 'place', 'another', 'same'],
      ['nginx-hash-argument', BACK, 'place', 'another', 'same'],
      ['nginx-hash-header', BACK, 'place', 'another', 'same'],
      ['caddy-header', BACK, 'place', 'another', 'same'],
    ),
  },
  {
    title: 'A session stays when its cookie changes',
    why: 'nginx hashes whatever a client brings, and so a login moves its client to the endpoint of the new value. Here a response that sets another value gives the session another name, and it stays where it began.',
    where: rows([
      'nginx-hash-cookie',
      'all serve: clients after their login',
      'place',
      'often elsewhere',
      'where the session began',
    ]),
  },
  {
    title: 'Blanks around the equals sign',
    why: 'HAProxy takes them away, for itself and for the server. No client sends them (RFC 6265 section 4.2.1). Here what they make is another cookie, which is passed on as it is.',
    where: rows(
      ['haproxy-strange-cookies', 'all serve: bringing S = s2', 'place', 's2', 'anywhere'],
      ['haproxy-strange-cookies', 'all serve: bringing S = s2', 'Set-Cookie', 'none', 'S=ITSELF; path=/'],
      ['haproxy-strange-cookies', 'all serve: bringing S = s2', 'endpoint sees', 'S=s2', 'S = s2'],
    ),
  },
  {
    title: 'Blanks between cookies',
    why: 'HAProxy writes one where it has taken its own cookie out. Here the others stay as the client has sent them.',
    where: rows([
      'haproxy-indirect-among-others',
      'all serve: bringing a=1;S=s2;b=2',
      'endpoint sees',
      'a=1; b=2',
      'a=1;b=2',
    ]),
  },
  {
    title: 'Answers that say nothing of caches',
    why: 'With nocache HAProxy says private where the answer has a lifetime or a validator. Here every answer that sets the cookie is private, because a cache may keep one that says nothing, too (RFC 9111 section 4.2.2).',
    where: rows([
      'haproxy-nocache',
      'all serve: a first visit, answered without a word of caches',
      'Cache-Control',
      'none',
      'private',
    ]),
  },
  {
    title: 'An application that sets the cookie as well',
    why: 'Caddy sends both cookies and leaves it to the client which one it keeps. Here the one that names the endpoint is sent, and the other dropped.',
    where: rows([
      'caddy-cookie',
      'all serve: an answer with such a cookie',
      'Set-Cookie',
      'lb=ITSELF; Path=/ and lb=app; Path=/',
      'lb=ITSELF; Path=/',
    ]),
  },
  {
    title: 'The sealed cookie in place of the one of Caddy',
    why: 'Its default attributes keep scripts and other sites away, and answers that set it are private; both can be configured otherwise. It names a session in the map and no endpoint, and is of no use to endpoints, which do not see it.',
    where: rows(
      ...VISITS.map((step): Row => ['caddy-own-cookie', step, 'Set-Cookie', 'lb=SEALED; Path=/', OUR_COOKIE]),
      ...VISITS.map((step): Row => ['caddy-own-cookie', step, 'Cache-Control', 'none', 'private']),
      ...[
        'all serve: a second visit',
        's1 is dead: its endpoint is dead',
        's1 is back: where it has gone to',
      ].map((step): Row => ['caddy-own-cookie', step, 'endpoint sees', 'lb=SEALED', 'none']),
    ),
  },
];
