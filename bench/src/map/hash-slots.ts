const SLOTS = 16_384;
const CRC16_POLYNOMIAL = 0x1021;

/** The slot of a hash tag in a Redis Cluster: CRC-16/XMODEM, as its specification has it. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag, 'latin1')) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? CRC16_POLYNOMIAL : 0)) & 0xffff;
  }
  return crc % SLOTS;
}

/** How many of these tags are on the fullest of some primaries that have equal ranges of slots. */
export function fullestOf(tags: readonly string[], primaries: number): number {
  const counts = new Array<number>(primaries).fill(0);
  for (const tag of tags) {
    const primary = Math.floor((slotOf(tag) * primaries) / SLOTS);
    counts[primary] = counts[primary]! + 1;
  }
  return Math.max(...counts);
}
