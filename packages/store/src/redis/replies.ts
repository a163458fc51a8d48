import { HoldfastError, type Pin } from '@holdfast/shared';
import { decodePin } from './pin-codec.ts';

/** What a script says: `{ kind, value, idle deadline }`; the last two only where the kind speaks of a pin. */
export interface Reply {
  readonly kind: unknown;
  /** The pin of the reply. */
  pin(): Pin;
}

/** The scripts' results are closed lists, so this means that a script and the program are of different releases. */
export const unexpectedReply = (what: string, reply: unknown): HoldfastError =>
  new HoldfastError('STORE_CORRUPT_VALUE', `${what}: unexpected reply ${JSON.stringify(reply)}`);

export function arrayOf(reply: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(reply)) throw unexpectedReply(what, reply);
  return reply;
}

/** Reads `{ name, value, name, value, ... }`. */
export function pairsOf(reply: readonly unknown[]): readonly (readonly [name: string, value: unknown])[] {
  const pairs: (readonly [string, unknown])[] = [];
  for (let index = 0; index < reply.length; index += 2) {
    pairs.push([String(reply[index]), reply[index + 1]]);
  }
  return pairs;
}

/** Reads `{ value, idle deadline }`. */
export function pinOf([value, deadline]: readonly unknown[]): Pin {
  const pin = decodePin(value, deadline);
  if (pin === undefined) throw unexpectedReply('pin', value);
  return pin;
}

export function replyOf(reply: unknown): Reply {
  const [kind, ...pin] = arrayOf(reply, 'script');
  return { kind, pin: () => pinOf(pin) };
}
