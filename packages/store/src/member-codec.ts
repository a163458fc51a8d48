import type { NodeId } from '@holdfast/shared';
import type { MemberPhase, MemberRecord, PoolOpinion } from './membership.ts';

/** No record of ours is longer; what is, somebody else has written. */
const TEXT_LENGTH_MAX = 256 * 1024;
const NAME_LENGTH_MAX = 512;
const PHASES: ReadonlySet<unknown> = new Set<MemberPhase>(['starting', 'serving', 'leaving', 'left']);

/** A record as adapters keep it that keep text: JSON, whose members later releases may add to. */
export const encodeMember = (record: MemberRecord): string => JSON.stringify(record);

/**
 * Reads a record back.
 *
 * @param node whose record it is to be
 * @returns undefined where the text is anything that {@link encodeMember} does not write of that node
 */
export function decodeMember(node: string, text: unknown): MemberRecord | undefined {
  if (typeof text !== 'string' || text.length > TEXT_LENGTH_MAX) return undefined;
  const said = parse(text);
  if (!isObject(said) || said.node !== node || !isName(node) || !PHASES.has(said.phase)) return undefined;
  const { startedAtMs, beat, release, fingerprint } = said;
  if (!isCount(startedAtMs) || !isCount(beat) || !isName(release) || !isName(fingerprint)) return undefined;
  const opinions = opinionsOf(said.opinions);
  if (opinions === undefined) return undefined;
  const phase = said.phase as MemberPhase;
  return { node: node as NodeId, startedAtMs, beat, release, phase, fingerprint, opinions };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function opinionsOf(said: unknown): readonly PoolOpinion[] | undefined {
  if (!Array.isArray(said)) return undefined;
  const opinions = said.filter(isOpinion);
  return opinions.length === said.length ? opinions.map(({ pool, down }) => ({ pool, down })) : undefined;
}

/** A name is looked up among the pools and endpoints of the configuration: no address can come in by it. */
function isOpinion(said: unknown): said is PoolOpinion {
  if (!isObject(said)) return false;
  const { pool, down } = said;
  if (!isName(pool) || !Array.isArray(down)) return false;
  return down.every((id) => isName(id) && id.startsWith(`${pool}/`));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object';

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= NAME_LENGTH_MAX;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
