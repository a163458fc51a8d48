import { createHmac } from 'node:crypto';
import { caddy } from '../../support/originals/caddy.ts';
import { byAddress, byHeader, byNeighbour, nobody } from './identities.ts';
import type { Scenario, Script } from './scenario.ts';
import { answering, bring, crowd, settle, visit } from './steps.ts';

const SECRET = 'the secret of both';

const cookieLife: Script = {
  'all serve': [
    visit('a first visit', 'Ann'),
    visit('a second visit', 'Ann'),
    visit('an answer with such a cookie', 'Eve', answering('Set-Cookie: lb=app; Path=/')),
    bring('lb=unknown'),
    bring('lb='),
    settle('Bob', 's1'),
  ],
  's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob')],
  's1 is back': [visit('where it has gone to', 'Bob')],
};

const LB_POLICY_COOKIE = [`lb_policy cookie lb "${SECRET}"`];

export const caddyScenarios: readonly Scenario[] = [
  {
    original: caddy,
    name: 'caddy-cookie',
    theirs: LB_POLICY_COOKIE,
    ours: {
      affinity: {
        type: 'label-cookie',
        name: 'lb',
        hidden: false,
        cookie: { attributes: ['Path'], cacheControl: 'none' },
      },
    },
    labelOf: ({ port }) => createHmac('sha256', SECRET).update(`127.0.0.1:${port}`).digest('hex'),
    isInterchangeable: true,
    script: cookieLife,
  },
  {
    original: caddy,
    name: 'caddy-own-cookie',
    theirs: LB_POLICY_COOKIE,
    ours: { affinity: { type: 'cookie', name: 'lb' } },
    script: {
      'all serve': [visit('a first visit', 'Ann'), visit('a second visit', 'Ann'), settle('Bob', 's1')],
      's1 is dead': [visit('its endpoint is dead', 'Bob')],
      's1 is back': [visit('where it has gone to', 'Bob')],
    },
  },
  {
    original: caddy,
    name: 'caddy-ip-hash',
    theirs: ['lb_policy ip_hash'],
    ours: { affinity: { type: 'source-ip', mode: 'hash' } },
    identityOf: byAddress,
    script: {
      'all serve': [
        visit('a first visit', 'Ann'),
        visit('a second visit', 'Ann'),
        crowd('addresses'),
        crowd('neighbours in one network of 24 bits', byNeighbour),
        settle('Bob', 's1'),
      ],
      's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob')],
      's1 is back': [visit('its endpoint is back', 'Bob')],
    },
  },
  {
    original: caddy,
    name: 'caddy-header',
    theirs: ['lb_policy header X-Session'],
    ours: { affinity: { type: 'header', name: 'X-Session' } },
    identityOf: byHeader,
    script: {
      'all serve': [
        visit('a first visit', 'Ann'),
        visit('a second visit', 'Ann'),
        crowd('values of their own'),
        crowd('clients without the header', nobody),
        settle('Bob', 's1'),
      ],
      's1 is dead': [visit('its endpoint is dead', 'Bob'), visit('and again', 'Bob')],
      's1 is back': [visit('its endpoint is back', 'Bob')],
    },
  },
];
