import {
  type Clock,
  type EndpointId,
  type EpochMs,
  type Pin,
  restAfter,
  type SessionKey,
} from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import { pause } from './pace.ts';

/** A session by the keys that it has, at one endpoint or wherever it was looked for. */
export interface KnownSession {
  /** Its first key, which may be elsewhere, or be no more. */
  readonly root: SessionKey;
  /** Its keys, the first one before all others. */
  readonly pins: ReadonlyMap<SessionKey, Pin>;
}

/** What it takes to look through the session map. */
export interface Survey {
  readonly inventory: Pick<SessionInventory, 'list'>;
  readonly clock: Clock;
}

const PAGE_SESSIONS = 500;
/** So many are held at a time, about 20 MB. More of them are looked through slice by slice. */
const SLICE_SESSIONS_MAX = 50_000;
/** Paging is work for the store: who has time spends a tenth of it on that. */
const IN_THE_BACKGROUND = 0.1;
/** For whom somebody waits. */
const AT_ONCE = 1;

/**
 * The sessions at an endpoint, each with all keys that it has there, the longest idle first. Where they are many, in slices
 * of which each has all keys of its sessions.
 *
 * @param count how many there are, about
 */
export async function* sessionsAt(
  survey: Survey,
  endpoint: EndpointId,
  count: number,
): AsyncGenerator<readonly KnownSession[]> {
  const slices = Math.max(1, Math.ceil(count / SLICE_SESSIONS_MAX));
  for (let slice = 0; slice < slices; slice++) {
    const found = await lookedUp(
      survey,
      endpoint,
      (root) => sliceOf(root, slices) === slice,
      IN_THE_BACKGROUND,
    );
    yield found.sort((one, other) => lastDeadline(one) - lastDeadline(other));
  }
}

/** A session with all keys that it has, wherever they are; without any, it is not there. */
export async function sessionOf(survey: Survey, root: SessionKey): Promise<KnownSession> {
  const [session] = await lookedUp(survey, undefined, (other) => other === root, AT_ONCE);
  return session ?? { root, pins: new Map() };
}

/** When the session ends if all of its keys stay idle. */
const lastDeadline = ({ pins }: KnownSession): EpochMs =>
  Math.max(...[...pins.values()].map(({ expiresAtMs }) => expiresAtMs));

/** Keys are digests, so that any bits of theirs spread them evenly; but of the last character, which is not full of them. */
const sliceOf = (key: SessionKey, slices: number): number =>
  Buffer.from(key.slice(-9, -1), 'base64url').readUInt32BE(2) % slices;

async function lookedUp(
  { inventory, clock }: Survey,
  endpoint: EndpointId | undefined,
  isWanted: (root: SessionKey) => boolean,
  share: number,
): Promise<KnownSession[]> {
  const found = new Map<SessionKey, Map<SessionKey, Pin>>();
  let cursor: string | undefined;
  do {
    const askedAtMs = clock.elapsed();
    const { sessions, next } = await inventory.list(
      {
        limit: PAGE_SESSIONS,
        ...(endpoint !== undefined && { endpoint }),
        ...(cursor !== undefined && { cursor }),
      },
      clock.now(),
    );
    for (const { key, pin } of sessions) {
      const root = pin.root ?? key;
      if (isWanted(root)) found.set(root, (found.get(root) ?? new Map()).set(key, pin));
    }
    cursor = next;
    const restMs = restAfter(clock.elapsed() - askedAtMs, share);
    if (cursor !== undefined && restMs >= 1) await pause(clock, restMs);
  } while (cursor !== undefined);
  return [...found].map(([root, pins]) => ({ root, pins: rootFirst(root, pins) }));
}

function rootFirst(root: SessionKey, pins: ReadonlyMap<SessionKey, Pin>): ReadonlyMap<SessionKey, Pin> {
  const first = pins.get(root);
  return first === undefined || pins.size === 1 ? pins : new Map([[root, first], ...pins]);
}
