const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/**
 * The slot of a key in Redis Cluster: CRC16 (XMODEM) of what stands in the first pair of braces, or else of all of it
 * (Redis Cluster specification, "Key distribution model" and "Hash tags").
 */
export function hashSlot(key: string): number {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  const hashed = open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
  return crc16(Buffer.from(hashed)) % SLOTS;
}

function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0)) & 0xffff;
  }
  return crc;
}
