import { nginx } from '../../support/originals/nginx.ts';
import type { Identity } from './cast.ts';
import {
  byAddress,
  byHeader,
  byIssuedCookie,
  byNeighbour,
  byQuery,
  login,
  nobody,
  withCookie,
} from './identities.ts';
import type { Scenario, Script } from './scenario.ts';
import { crowd, logins, type Step, settle, visit } from './steps.ts';

/** The life of a client with a key. */
const lifeWith = (...more: readonly Step[]): Script => ({
  'all serve': [
    visit('a first visit', 'Ann'),
    visit('a second visit', 'Ann'),
    crowd('clients with keys of their own'),
    ...more,
    settle('Bob', 's1'),
  ],
  's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob')],
  's1 is back': [visit('its endpoint is back', 'Bob')],
});

const hashing = (name: string, key: string, identityOf: (number: number) => Identity): Scenario => ({
  original: nginx,
  name: `nginx-${name}`,
  theirs: [`hash ${key} consistent`],
  ours: { affinity: { profile: 'nginx', hash: `${key} consistent` } },
  identityOf,
  script: lifeWith(crowd('clients without a key', nobody)),
});

export const nginxScenarios: readonly Scenario[] = [
  {
    original: nginx,
    name: 'nginx-ip-hash',
    theirs: ['ip_hash'],
    ours: { affinity: { profile: 'nginx', ip_hash: true } },
    identityOf: byAddress,
    script: lifeWith(crowd('neighbours in one network of 24 bits', byNeighbour)),
  },
  {
    ...hashing('hash-address', '$remote_addr', byAddress),
    script: lifeWith(crowd('neighbours in one network of 24 bits', byNeighbour)),
  },
  {
    ...hashing('hash-cookie', '$cookie_sid', byIssuedCookie),
    script: {
      ...lifeWith(),
      'all serve': [
        visit('a login', 'Ann'),
        logins('clients after their login', login),
        crowd('clients with a session that no response has set', withCookie('sid=unheard-of')),
        crowd('clients without a session', nobody),
        settle('Bob', 's1', 2),
      ],
    },
  },
  hashing('hash-argument', '$arg_id', byQuery),
  hashing('hash-header', '$http_x_session', byHeader),
];
