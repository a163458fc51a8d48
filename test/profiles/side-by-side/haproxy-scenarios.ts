import type { ClientRequest } from '../../support/http-client.ts';
import { haproxy } from '../../support/originals/haproxy.ts';
import { byAddress, byIssuedCookie, login, withCookie } from './identities.ts';
import type { Scenario, Script } from './scenario.ts';
import { answering, bring, crowd, logins, type Step, settle, turns, visit } from './steps.ts';

const KEY = 'the key of both';
const TABLE = 'stick-table type string len 64 size 1m expire 30m';

const LOGIN = answering('Set-Cookie: S=app; Path=/; HttpOnly', 'Set-Cookie: other=1');
const LEARNING = 'store-response res.cook(sid)';

/** Cookies of every shape, of clients that nobody has seen before. */
const strangeCookies: readonly Step[] = [
  bring('a=1; S=s2; b=2'),
  bring('S=s2; S=s3'),
  bring('S=s9; S=s3'),
  bring('S = s2'),
  bring('S='),
  bring('S'),
  bring('s=s2'),
  bring('XS=s2'),
  bring('S=S2'),
  bring('S="s2"'),
];

const first = visit('a first visit', 'Ann');
const again = visit('a second visit', 'Ann');

/** The life of a client whose endpoint dies and comes back. */
const untilBack: Script = {
  's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob'), bring('S=s1')],
  's1 is back': [visit('where it has gone to', 'Bob'), bring('S=s1')],
};

const insertLife: Script = {
  ...untilBack,
  'all serve': [
    first,
    again,
    bring('S=s2'),
    bring('S=s9'),
    visit('a post', 'Ann', { method: 'POST', body: 'x' }),
    visit('an answer with such a cookie', 'Ann', LOGIN),
    visit('a visit after that', 'Ann'),
    settle('Bob', 's1'),
  ],
  's3 drains': [bring('S=s3'), turns('clients without a cookie')],
};

/** With `prefix` and `rewrite` the application sets the cookie. */
const loginLife: Script = {
  'all serve': [
    first,
    visit('a login', 'Ann', LOGIN),
    again,
    ...['S=s2', 'S=s9', 'S=s2~app', 'S=s9~app', 'S=s2~app~2', 'a=1; S=s2~; b=2'].map((cookie) =>
      bring(cookie),
    ),
    visit('a second login', 'Ann', LOGIN),
    settle('Bob', 's1'),
  ],
  's1 is dead': [bring('S=s1'), bring('S=s1~app')],
  's1 is back': [bring('S=s1'), bring('S=s1~app')],
};

/** A first visit to an application that says something of caches, or nothing. */
const cached = (name: string, ...headers: readonly string[]): Step =>
  visit(
    `a first visit, answered ${headers.join(', ') || 'without a word of caches'}`,
    name,
    answering(...headers),
  );

const inserting = (name: string, line: string, script: Script): Scenario => ({
  original: haproxy,
  name: `haproxy-${name}`,
  theirs: [`cookie ${line}`, 'option redispatch 1'],
  ours: { affinity: { profile: 'haproxy', cookie: line, option: ['redispatch'] } },
  labelOf: ({ label }) => label,
  isInterchangeable: true,
  script,
});

/** @param wanted after the first visits */
const sessionLife = (wanted?: ClientRequest): Script => ({
  'all serve': [
    first,
    again,
    logins('clients after their login', login),
    crowd('clients with a session that no response has set', withCookie('sid=unheard-of')),
    crowd('clients without a session'),
    settle('Bob', 's1', 2),
  ],
  's1 is dead': [visit('its endpoint is dead', 'Bob', wanted)],
  's1 is back': [visit('its endpoint is back', 'Bob', wanted)],
});

const sticking = (name: string, stick: readonly string[], script: Script, table = TABLE): Scenario => ({
  original: haproxy,
  name: `haproxy-${name}`,
  theirs: [table, ...stick.map((line) => `stick ${line}`), 'option redispatch 1'],
  ours: { affinity: { profile: 'haproxy', stick, 'stick-table': table } },
  script,
});

export const haproxyScenarios: readonly Scenario[] = [
  inserting('insert', 'S insert', insertLife),
  inserting('strange-cookies', 'S insert', { 'all serve': strangeCookies }),
  inserting('indirect', 'S insert indirect', insertLife),
  inserting('indirect-among-others', 'S insert indirect', {
    'all serve': [bring('a=1; S=s2; b=2'), bring('a=1;S=s2;b=2'), bring('S=s2; a=1'), bring('a=1; S=s9')],
  }),
  inserting('nocache', 'S insert nocache', {
    'all serve': [
      cached('Ann'),
      again,
      cached('Bob', 'Cache-Control: max-age=60'),
      cached('Eve', 'Cache-Control: no-store'),
      cached('Max', 'ETag: "1"'),
    ],
  }),
  inserting('preserve', 'S insert indirect preserve', {
    'all serve': [first, again, visit('a login', 'Ann', LOGIN), settle('Bob', 's1')],
    ...untilBack,
  }),
  inserting('attributes', 'S insert domain example.test httponly secure attr "SameSite=None"', {
    'all serve': [first, again],
  }),
  inserting('dates', 'S insert indirect maxidle 30m maxlife 8h', {
    'all serve': [first, bring('S=s2'), bring('S=s9'), settle('Bob', 's1')],
    's1 is dead': [visit('its endpoint is dead', 'Bob')],
  }),
  { ...inserting('prefix', 'S prefix', loginLife), issuing: LOGIN },
  { ...inserting('rewrite', 'S rewrite', loginLife), issuing: LOGIN },
  {
    original: haproxy,
    name: 'haproxy-dynamic',
    theirs: ['cookie S insert dynamic', `dynamic-cookie-key "${KEY}"`, 'option redispatch 1'],
    ours: {
      affinity: {
        profile: 'haproxy',
        cookie: 'S insert dynamic',
        'dynamic-cookie-key': KEY,
        option: ['redispatch'],
      },
    },
    isInterchangeable: true,
    script: {
      'all serve': [settle('Ann', 's2'), settle('Bob', 's1'), visit('a second visit', 'Bob'), bring('S=s2')],
      's1 is dead': [visit('its endpoint is dead', 'Bob')],
      's1 is back': [visit('where it has gone to', 'Bob')],
    },
  },
  {
    ...inserting('no-redispatch', 'S insert', {
      's1 is dead': [visit('the first to bring S=s1', 'Ann', { headers: { cookie: 'S=s1' } })],
      's1 is back': [bring('S=s1')],
    }),
    theirs: ['cookie S insert', 'no option redispatch'],
    ours: { affinity: { profile: 'haproxy', cookie: 'S insert' } },
    isChecked: false,
  },
  {
    ...inserting('persist', 'S insert', {
      's1 is dead': [bring('S=s1')],
      's1 is back': [bring('S=s1')],
    }),
    theirs: ['cookie S insert', 'option persist', 'option redispatch 1'],
    ours: { affinity: { profile: 'haproxy', cookie: 'S insert', option: ['persist', 'redispatch'] } },
  },
  {
    ...sticking(
      'stick-on-src',
      ['on src'],
      {
        'all serve': [
          first,
          again,
          crowd('as many addresses'),
          crowd('one address', () => ({ address: '127.0.0.77' })),
          settle('Bob', 's1'),
          settle('Eve', 's3'),
        ],
        's3 drains': [visit('its endpoint drains', 'Eve')],
        's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob')],
        's1 is back': [visit('where it has gone to', 'Bob')],
      },
      'stick-table type ip size 1m expire 30m',
    ),
    identityOf: byAddress,
  },
  {
    ...sticking('stick-on-cookie', ['on req.cook(sid)', LEARNING], sessionLife()),
    identityOf: byIssuedCookie,
  },
  {
    ...sticking('stick-match', ['match req.cook(sid)', LEARNING], sessionLife({ path: '/echo' })),
    identityOf: byIssuedCookie,
  },
];
