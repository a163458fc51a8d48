import { HoldfastError } from '@holdfast/shared';
import { TOKEN, UNDERSCORE } from './bytes.ts';

/**
 * What a field is to a proxy. Most are `ordinary`: passed on without being read. Three are no names: `alias` is a name
 * that differs from a recognised one only in `_` for `-` (`x_forwarded_for`), which an application server may take for
 * it and which is therefore never passed on; `nominated` is an ordinary field that `Connection` names as hop-by-hop.
 */
export const FieldKind = {
  ordinary: 0,
  alias: 1,
  nominated: 2,
  host: 3,
  contentLength: 4,
  transferEncoding: 5,
  connection: 6,
  keepAlive: 7,
  proxyConnection: 8,
  te: 9,
  trailer: 10,
  upgrade: 11,
  expect: 12,
  proxyAuthenticate: 13,
  proxyAuthorization: 14,
  cookie: 15,
  setCookie: 16,
  cacheControl: 17,
  via: 18,
  forwarded: 19,
  xForwardedFor: 20,
  xForwardedHost: 21,
  xForwardedPort: 22,
  xForwardedProto: 23,
  xRealIp: 24,
  xRequestId: 25,
  holdfastSessionMoved: 26,
  traceparent: 27,
  tracestate: 28,
} as const;

export type FieldKindName = keyof typeof FieldKind;
export type FieldKind = (typeof FieldKind)[FieldKindName];

/** A set of kinds, as the bits of one integer. */
export type FieldSet = number;

export const fieldSet = (...kinds: readonly FieldKindName[]): FieldSet =>
  kinds.reduce((set, kind) => set | (1 << FieldKind[kind]), 0);

/** Whether the kind belongs to the set. */
export const isInFieldSet = (set: FieldSet, kind: number): boolean => ((set >>> kind) & 1) === 1;

/** The field name of a kind, in lower case: `xForwardedFor` is `x-forwarded-for`. */
export const fieldName = (kind: FieldKindName): string =>
  kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const NAMELESS: FieldSet = fieldSet('ordinary', 'alias', 'nominated');

/** The kinds that are field names. */
export const recognisedKinds: readonly FieldKindName[] = (Object.keys(FieldKind) as FieldKindName[]).filter(
  (kind) => !isInFieldSet(NAMELESS, FieldKind[kind]),
);

const SLOTS = 256;
const NO_NAME = new Uint8Array(0);

/** Where a name is looked for: a perfect hash of its length and two of its letters over the recognised names. */
const slotOf = (length: number, first: number, late: number): number =>
  (length * 2 + first + late * 11) & (SLOTS - 1);

/** The second letter of the hash: the last, or the last but one of a long name, where -Host and -Port differ. */
const lateIndex = (length: number): number => (length < 16 ? length - 1 : length - 2);

const nameOfKind: readonly Uint8Array[] = Object.keys(FieldKind).map((kind) =>
  recognisedKinds.includes(kind as FieldKindName) ? Buffer.from(fieldName(kind as FieldKindName)) : NO_NAME,
);

const kindOfSlot = new Uint8Array(SLOTS);
for (const kind of recognisedKinds) {
  const name = nameOfKind[FieldKind[kind]]!;
  const slot = slotOf(name.length, name[0]!, name[lateIndex(name.length)]!);
  if (kindOfSlot[slot] !== 0)
    throw new HoldfastError('INTERNAL', `field names share a slot: ${fieldName(kind)}`);
  kindOfSlot[slot] = FieldKind[kind];
}

/** The kind of the field name in `bytes`, a valid token of at least one byte. Compares against one candidate at most. */
export function classify(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  const late = start + lateIndex(length);
  const candidate = kindOfSlot[slotOf(length, TOKEN[bytes[start]!]!, TOKEN[bytes[late]!]!)]!;
  if (candidate === FieldKind.ordinary) return FieldKind.ordinary;
  const name = nameOfKind[candidate]!;
  if (name.length !== length) return FieldKind.ordinary;
  let isAlias = false;
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index]!;
    if (TOKEN[byte] !== name[index]) return FieldKind.ordinary;
    if (byte === UNDERSCORE) isAlias = true;
  }
  return isAlias ? FieldKind.alias : candidate;
}
