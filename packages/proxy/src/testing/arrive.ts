import type { OnReadOpts } from 'node:net';

/** What each socket reads into next. */
const buffers = new WeakMap<OnReadOpts, Buffer>();

/** Puts bytes where the kernel would, says that they are there, and then takes the next buffer, if there is another: as Node does. */
export function arrive(read: OnReadOpts, fill: string, length: number): void {
  const next = read.buffer as () => Buffer | undefined;
  const bytes = buffers.get(read) ?? (next() as Buffer);
  bytes.fill(fill, 0, length);
  read.callback(length, bytes);
  buffers.set(read, next() ?? bytes);
}
