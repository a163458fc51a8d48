/** The 64-bit hash XXH64 with seed 0, by which HAProxy makes the labels of its dynamic cookies. No hash for secrets. */

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;

const STRIPE_BYTES = 32;
const LANE_BYTES = 8;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, bits: bigint): bigint => wrap((value << bits) | (value >> (64n - bits)));
const round = (lane: bigint, input: bigint): bigint =>
  wrap(rotate(wrap(lane + input * PRIME_2), 31n) * PRIME_1);
const merge = (hash: bigint, lane: bigint): bigint => wrap((hash ^ round(0n, lane)) * PRIME_1 + PRIME_4);

/** The hash of the bytes. */
export function xxh64(bytes: Buffer): bigint {
  const stripesEnd = bytes.length - (bytes.length % STRIPE_BYTES);
  const start = stripesEnd === 0 ? PRIME_5 : stripes(bytes.subarray(0, stripesEnd));
  return avalanche(rest(wrap(start + BigInt(bytes.length)), bytes.subarray(stripesEnd)));
}

function stripes(bytes: Buffer): bigint {
  const lanes = [wrap(PRIME_1 + PRIME_2), PRIME_2, 0n, wrap(-PRIME_1)];
  for (let at = 0; at < bytes.length; at += LANE_BYTES) {
    const index = (at / LANE_BYTES) % lanes.length;
    lanes[index] = round(lanes[index] as bigint, bytes.readBigUInt64LE(at));
  }
  const turns = [1n, 7n, 12n, 18n];
  const sum = lanes.reduce((total, lane, index) => wrap(total + rotate(lane, turns[index] as bigint)), 0n);
  return lanes.reduce(merge, sum);
}

/** The bytes that are left for no stripe: by eight, then four, then one. */
function rest(start: bigint, bytes: Buffer): bigint {
  let hash = start;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8)
    hash = wrap(rotate(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * PRIME_1 + PRIME_4);
  for (; at + 4 <= bytes.length; at += 4)
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes.readUInt32LE(at)) * PRIME_1), 23n) * PRIME_2 + PRIME_3);
  for (; at < bytes.length; at++)
    hash = wrap(rotate(hash ^ wrap(BigInt(bytes[at] as number) * PRIME_5), 11n) * PRIME_1);
  return hash;
}

function avalanche(start: bigint): bigint {
  let hash = start;
  hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
  return hash ^ (hash >> 32n);
}
