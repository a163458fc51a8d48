import {
  type EpochMs,
  endpointOfPin,
  idleDeadline,
  type Lifetime,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { FieldSection } from '../codec/index.ts';
import type { AnsweredRequest, BodyReader, Learner, Resolution } from './affinity.ts';
import { BodyField } from './body-field.ts';
import type { Claim } from './claim.ts';
import type { KeySource } from './key-source.ts';
import type { LearnToken, LearntToken } from './learnt-token.ts';
import { aliasOf, type SessionKeys } from './session-keys.ts';

/** A source of which endpoints issue the tokens, and the places of a response where they do. */
export interface LearningSource {
  readonly source: KeySource;
  /** The first that says something counts. */
  readonly places: readonly LearnToken[];
  /** The JSON field of a body that is looked for where no place says anything. */
  readonly bodyField: string | undefined;
}

/** A session by one of its keys, and where it is. */
interface Known {
  readonly key: SessionKey;
  readonly pin: Pin;
}

/**
 * Learns keys from responses. A key that an endpoint issues is pinned to that endpoint. Where the request belonged to
 * a session of the same endpoint, as after a login that changes the id, the key is another one of that session.
 */
export class SessionLearner implements Learner {
  readonly #sources: readonly LearningSource[];
  readonly #keys: SessionKeys;
  readonly #lifetime: Lifetime;

  constructor(sources: readonly LearningSource[], keys: SessionKeys, lifetime: Lifetime) {
    this.#sources = sources;
    this.#keys = keys;
    this.#lifetime = lifetime;
  }

  learn(claim: Claim, response: AnsweredRequest, nowMs: EpochMs): Promise<void> | BodyReader | undefined {
    const writes: Promise<void>[] = [];
    let session = sessionAt(response.resolution);
    for (const { source, places } of this.#sources) {
      const learnt = firstOf(places, (place) => place(response.fields, nowMs));
      if (learnt === undefined) continue;
      if (learnt.kind === 'deleted') {
        writes.push(...this.#endAll(claim, source, nowMs));
        continue;
      }
      const issued = this.#issued(source, learnt, session, response.resolution, nowMs);
      if (issued === undefined) continue;
      session ??= issued;
      writes.push(this.#keys.give(issued.key, issued.pin, nowMs));
    }
    return writes.length === 0 ? this.#bodyReader(claim, response, nowMs) : allOf(writes);
  }

  /** Only a response that may begin a session is looked into: one to a request that has named none. */
  #bodyReader(claim: Claim, response: AnsweredRequest, nowMs: EpochMs): BodyReader | undefined {
    if (response.status !== 200) return undefined;
    const wanting = this.#sources.find(
      ({ source, bodyField }) =>
        bodyField !== undefined && !claim.findings.some((finding) => finding.source === source),
    );
    if (wanting?.bodyField === undefined || !isReadable(response.fields)) return undefined;
    const { source } = wanting;
    const { resolution } = response;
    const field = new BodyField(wanting.bodyField);
    return {
      read: (piece) => {
        const finding = field.feed(piece);
        if (finding.kind !== 'found') return finding.kind === 'undecided' ? 'undecided' : undefined;
        const learnt = { kind: 'issued', token: finding.value, expiresAtMs: undefined } as const;
        const issued = this.#issued(source, learnt, sessionAt(resolution), resolution, nowMs);
        return issued && this.#keys.give(issued.key, issued.pin, nowMs);
      },
    };
  }

  /** The key that was issued and its pin; undefined where there is nothing new in it. */
  #issued(
    source: KeySource,
    learnt: LearntToken & { kind: 'issued' },
    session: Known | undefined,
    resolution: Resolution,
    nowMs: EpochMs,
  ): Known | undefined {
    const key = source.open(learnt.token, nowMs)?.key;
    if (key === undefined || key === resolution.session?.key || this.#keys.isKnown(key, nowMs))
      return undefined;
    const pin = this.#pinOf(session, resolution, learnt, nowMs);
    return pin && { key, pin };
  }

  /** The application has ended the session: the tokens of the request name nobody from now on. */
  #endAll(claim: Claim, source: KeySource, nowMs: EpochMs): readonly Promise<void>[] {
    const tokens = claim.findings.find((finding) => finding.source === source)?.tokens ?? [];
    return tokens
      .flatMap((token) => source.open(token, nowMs) ?? [])
      .flatMap(({ key, otherKeys }) => [key, ...otherKeys])
      .map((key) => this.#keys.end(key, nowMs));
  }

  #pinOf(
    session: Known | undefined,
    { endpoint }: Resolution,
    { expiresAtMs = Number.POSITIVE_INFINITY }: LearntToken & { kind: 'issued' },
    nowMs: EpochMs,
  ): Pin | undefined {
    if (endpoint === undefined || !endpoint.isSticky) return undefined;
    const endsAtMs = session?.pin.endsAtMs ?? nowMs + this.#lifetime.absoluteTimeoutMs;
    const deadlines = {
      // A client that has forgotten its cookie by then needs no pin; one that comes back with it earlier keeps it alive.
      expiresAtMs: Math.min(idleDeadline(this.#lifetime, endsAtMs, nowMs), expiresAtMs),
      endsAtMs,
    };
    if (session !== undefined) return { ...aliasOf(session.key, session.pin), ...deadlines };
    return { endpoint: endpoint.pinId, version: 1, pinnedAtMs: nowMs, ...deadlines };
  }
}

/** The session of the request, if it is where the response comes from. */
export function sessionAt({ session, endpoint }: Resolution): Known | undefined {
  const pin = session?.pin;
  if (session === undefined || pin === undefined || endpoint === undefined) return undefined;
  const isThere = pin.endpoint === endpoint.pinId || endpointOfPin(pin.endpoint) === endpoint.id;
  return isThere ? { key: session.key, pin } : undefined;
}

const allOf = (writes: readonly Promise<void>[]): Promise<void> => Promise.all(writes).then(() => undefined);

/** Text that is sent as it is: JSON of any kind, or the plain text that Socket.IO sends. */
function isReadable(fields: FieldSection): boolean {
  const type = fields.find('content-type');
  if (type < 0 || fields.find('content-encoding') >= 0) return false;
  return /^(?:text\/plain|application\/(?:[^\s;]+\+)?json)\s*(?:;|$)/i.test(fields.value(type));
}

function firstOf<Item, Answer>(
  items: readonly Item[],
  answerOf: (item: Item) => Answer | undefined,
): Answer | undefined {
  for (const item of items) {
    const answer = answerOf(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
