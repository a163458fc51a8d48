import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { HoldfastError } from '@holdfast/shared';

/** A way through TCP to a port of this machine, which a test can break without anybody being told. */
export interface StallingLink {
  readonly port: number;
  /** Lets nothing more through on the connections that exist; they stay open. New ones work. */
  stall(): void;
  close(): Promise<void>;
}

/** Opens a link to `port` on a port of its own. */
export async function openStallingLink(port: number): Promise<StallingLink> {
  const ends = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        ends.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new HoldfastError('INTERNAL', 'open a link: no address');
  return {
    port: address.port,
    stall() {
      for (const end of ends) end.unpipe().pause();
    },
    async close() {
      for (const end of ends) end.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
