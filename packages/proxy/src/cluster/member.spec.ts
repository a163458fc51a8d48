import type { MemberRecord } from '@holdfast/store';
import { memberOf } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { afterLook, isVoting, type Member } from './member.ts';

const first = memberOf('node-2');
const second = memberOf('node-2', { beat: 2 });
const restarted = memberOf('node-2', { startedAtMs: first.startedAtMs + 1 });
const farewell = memberOf('node-2', { beat: 2, phase: 'left' });

const member = (kind: Member['kind'], silentMs = 0, record: MemberRecord = first): Member => ({
  kind,
  record,
  silentMs,
});

interface Row {
  readonly name: string;
  readonly before: Member | undefined;
  readonly record: MemberRecord | undefined;
  readonly sinceLastMs?: number;
  readonly after: Member | undefined;
}

const rows: readonly Row[] = [
  { name: 'is nobody before it is seen', before: undefined, record: undefined, after: undefined },
  { name: 'joins when it is first seen', before: undefined, record: first, after: member('joining') },
  { name: 'is nobody to who comes after it has left', before: undefined, record: farewell, after: undefined },
  {
    name: 'is alive when it has beaten since',
    before: member('joining', 500),
    record: second,
    after: member('alive', 0, second),
  },
  {
    name: 'is alive when it was started anew, whatever its beats were',
    before: member('alive', 500),
    record: restarted,
    after: member('alive', 0, restarted),
  },
  {
    name: 'stays what it is while it has missed few beats',
    before: member('alive', 1_000),
    record: first,
    after: member('alive', 1_500),
  },
  {
    name: 'is suspect after two seconds of silence',
    before: member('alive', 1_500),
    record: first,
    after: member('suspect', 2_000),
  },
  {
    name: 'is suspect where it is not there at all, as after a flush, no sooner',
    before: member('alive', 1_500),
    record: undefined,
    after: member('suspect', 2_000),
  },
  {
    name: 'is suspect where it never beats: it was dead before this node came',
    before: member('joining', 1_500),
    record: first,
    after: member('suspect', 2_000),
  },
  {
    name: 'is gone after ten seconds',
    before: member('suspect', 9_500),
    record: first,
    after: member('gone', 10_000),
  },
  {
    name: 'is alive again with its next beat',
    before: member('gone', 20_000),
    record: second,
    after: member('alive', 0, second),
  },
  {
    name: 'has left when it says so',
    before: member('alive', 500),
    record: farewell,
    after: member('left', 0, farewell),
  },
  {
    name: 'has left and not gone, however long ago',
    before: member('left', 60_000, farewell),
    record: farewell,
    after: member('left', 60_500, farewell),
  },
  {
    name: 'is alive again when it comes back after it has left',
    before: member('left', 60_000, farewell),
    record: restarted,
    after: member('alive', 0, restarted),
  },
  {
    name: 'is forgotten after five minutes',
    before: member('gone', 299_500),
    record: undefined,
    after: undefined,
  },
  {
    name: 'is not forgotten while somebody keeps its record',
    before: member('gone', 299_500),
    record: first,
    after: member('gone', 300_000),
  },
  {
    name: 'has not been silent while this node could not look',
    before: member('alive', 500),
    record: first,
    sinceLastMs: 60_000,
    after: member('alive', 1_500),
  },
];

describe('a member of the cluster, as another one sees it', () => {
  it.each(rows)('$name', ({ before, record, sinceLastMs = 500, after }) => {
    expect(afterLook(before, { record, sinceLastMs })).toEqual(after);
  });

  it.each<[Member['kind'], boolean]>([
    ['joining', true],
    ['alive', true],
    ['suspect', false],
    ['gone', false],
    ['left', false],
  ])('that is %s has a vote: %s', (kind, expected) => {
    expect(isVoting(member(kind))).toBe(expected);
  });
});
