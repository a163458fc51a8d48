import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterName } from '@holdfast/shared';
import { formatTable } from '../../bench/src/report/table.ts';
import { BUCKETS, redisKeys } from '../../packages/store/src/redis/keys.ts';
import { ROOT } from '../architecture/source-file.ts';

/** A key, or a channel, that a cluster has in Redis. */
export interface RedisEntry {
  /** With `CLUSTER` for the name of the cluster, `NNN` for a bucket, `TOKEN` for what a node has made up. */
  readonly name: string;
  readonly type: 'hash' | 'zset' | 'channel';
  readonly holds: string;
  /** When Redis drops it; empty for never, and of channels. */
  readonly ends: string;
}

const keys = redisKeys(clusterName('CLUSTER'));
const [bucket] = keys.buckets.map(({ pins, deadlines, counts }) =>
  [pins, deadlines, counts].map((name) => name.replace(':000}', ':NNN}')),
);
const [pins = '', deadlines = '', counts = ''] = bucket ?? [];

const WITH_THE_LAST = 'a minute after the last idle deadline in its bucket';

/** Everything that a cluster has in Redis. */
export const REDIS_ENTRIES: readonly RedisEntry[] = [
  {
    name: pins,
    type: 'hash',
    holds: 'session key → `VERSION PINNED-AT ENDS-AT [^ROOT ][>REASON,FROM ]ENDPOINT`, times in base 36',
    ends: WITH_THE_LAST,
  },
  {
    name: deadlines,
    type: 'zset',
    holds: 'session key by its idle deadline, in milliseconds since 1970',
    ends: WITH_THE_LAST,
  },
  {
    name: counts,
    type: 'hash',
    holds: 'endpoint → its sessions, those among them that have ended and are not cleared away yet',
    ends: WITH_THE_LAST,
  },
  {
    name: keys.drains,
    type: 'hash',
    holds: 'endpoint → `SINCE DEADLINE` in milliseconds since 1970, `-` for no deadline',
    ends: '',
  },
  {
    name: keys.members,
    type: 'hash',
    holds: 'node → `VALID-UNTIL RECORD`: milliseconds since 1970, and what the node says of itself, as JSON',
    ends: 'with the last record',
  },
  {
    name: keys.changesChannel,
    type: 'channel',
    holds: '`SESSION-KEY VERSION` of a session that was moved; version 0: it was forgotten',
    ends: '',
  },
  {
    name: keys.heartbeatChannel('TOKEN'),
    type: 'channel',
    holds: 'what a node sends itself to notice silence',
    ends: '',
  },
];

/** Keys and channels, what they hold, and when they end. */
export function redisKeyTable(): string {
  const heading = ['name', 'type', 'holds', 'ends'];
  const rows = REDIS_ENTRIES.map(({ name, type, holds, ends }) => [`\`${name}\``, type, holds, ends]);
  const table = formatTable([heading, ...rows], heading.length);
  return `\`NNN\` is one of ${BUCKETS} buckets, by a hash of the session key.\n\n${table}`;
}

const SCRIPTS = join(ROOT, 'packages/store/src/redis/scripts');

/** What all bucket scripts begin with, and no script by itself. */
const PREAMBLE = 'bucket.lua';

/** The scripts, by what they say of themselves, with the commands that they call. */
export function redisScriptTable(): string {
  const heading = ['script', 'what it does', 'commands of its own'];
  const rows = readdirSync(SCRIPTS)
    .filter((file) => file !== PREAMBLE)
    .sort()
    .map((file) => {
      const lua = readFileSync(join(SCRIPTS, file), 'utf8');
      return [`\`${file}\``, firstSentence(lua), commandsOf(lua)];
    });
  const shared = commandsOf(readFileSync(join(SCRIPTS, PREAMBLE), 'utf8'));
  const table = formatTable([heading, ...rows], heading.length);
  return `${table}\n\nThose on a bucket also call what \`${PREAMBLE}\` has for all of them: ${shared}.`;
}

const firstSentence = (lua: string): string => {
  const [comment = ''] = /^(?:--[^\n]*\n)+/.exec(lua) ?? [];
  const [sentence = ''] = /^.*?\.(?= |$)/.exec(comment.replaceAll(/^-- ?/gm, '').replaceAll('\n', ' ')) ?? [];
  return sentence;
};

function commandsOf(lua: string): string {
  const called = [...lua.matchAll(/redis\.call\('([A-Z]+)'/g)].map(([, command = '']) => `\`${command}\``);
  return [...new Set(called)].sort().join(', ');
}
