import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import { formatTable } from '../../bench/src/report/table.ts';
import { ROOT } from '../architecture/source-file.ts';

const SESSIONS = [10_000, 100_000, 1_000_000, 10_000_000];

/** What stands beside the data: buffers of replicas, fragments, and growth until an alarm has been heard. */
const HEADROOM = 1.5;
/** A fork for a snapshot or a new replica copies, at worst, everything. */
const WITH_FORK = 2;

const MIB = 2 ** 20;

/** What a number of sessions takes of Redis, reckoned from what was measured of a million. */
export function sizingTable(): string {
  const [usual, most] = [
    measured('Redis: pin and index'),
    measured('the same, at most from a quarter of them on'),
  ];
  const heading = [
    'sessions that live',
    'they take',
    'at most',
    '`maxmemory`',
    'with snapshots or new replicas',
  ];
  const rows = SESSIONS.map((sessions) => {
    const limit = sessions * most * HEADROOM;
    const sizes = [sessions * usual, sessions * most, limit, limit * WITH_FORK].map(inWords);
    return [sessions.toLocaleString('en-US'), ...sizes];
  });
  const about = `A session takes ${usual} bytes of Redis, and ${most} while its tables grow ([measured](../capacity.md) of a million).`;
  return `${about}\n\n${formatTable([heading, ...rows], 0)}`;
}

/** A figure of the page of capacity, in bytes. */
function measured(row: string): number {
  const page = readFileSync(join(ROOT, 'docs/capacity.md'), 'utf8');
  const [, bytes] = new RegExp(String.raw`^\| ${row} +\| +(\d+) \|`, 'm').exec(page) ?? [];
  if (bytes === undefined) throw new HoldfastError('INTERNAL', `docs/capacity.md has no row "${row}"`);
  return Number(bytes);
}

const inWords = (bytes: number): string =>
  bytes < 1024 * MIB ? `${Math.ceil(bytes / MIB)} MiB` : `${(bytes / (1024 * MIB)).toFixed(1)} GiB`;
