import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type LinkConditions, LinkLane } from './link-lane.ts';

/** A way through TCP to a port of this machine, which a test can make as bad as ways can be. */
export interface FaultyLink {
  readonly port: number;
  /**
   * Lets nothing more through on the connections that exist, for good: they stay open, and nobody is told. New ones work.
   * @param isMeant tells by the port from which the far end sees a connection; without it, all are meant
   */
  stall(isMeant?: (farPort: number) => boolean): void;
  /** Holds everything back, on new connections as well, until it is resumed; nothing is lost. */
  pause(): void;
  resume(): void;
  /** From now on, what is sent is late or slow. */
  shape(conditions: LinkConditions): void;
  /** Resets the connections that exist. New ones work. */
  reset(): void;
  /** Resets the connections that exist, and refuses new ones until it is mended. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Resets the connections that exist; new ones lead to that port. */
  redirect(port: number): void;
  close(): Promise<void>;
}

/** One connection over the link, by its two ends. */
interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  readonly lanes: readonly [LinkLane, LinkLane];
  /** Whether neither end is told of anything any more. */
  isStalled: boolean;
}

/** Opens a link to `farPort` on a port of its own. */
export async function openFaultyLink(farPort: number): Promise<FaultyLink> {
  const passages = new Set<Passage>();
  let target = farPort;
  let conditions: LinkConditions = {};
  let isPaused = false;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const lane = (from: Socket, to: Socket) => new LinkLane(from, to, () => conditions, isPaused);
    const passage: Passage = { near, far, lanes: [lane(near, far), lane(far, near)], isStalled: false };
    passages.add(passage);
    join(passage, () => passages.delete(passage));
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const reset = (): void => {
    for (const { near, far } of passages) for (const end of [near, far]) end.resetAndDestroy();
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    port,
    stall(isMeant = () => true) {
      for (const passage of passages) {
        if (!isMeant(passage.far.localPort ?? 0)) continue;
        passage.isStalled = true;
        for (const lane of passage.lanes) lane.hold();
      }
    },
    pause() {
      isPaused = true;
      for (const { lanes } of passages) for (const lane of lanes) lane.hold();
    },
    resume() {
      isPaused = false;
      for (const { lanes, isStalled } of passages) if (!isStalled) for (const lane of lanes) lane.release();
    },
    shape(wanted) {
      conditions = wanted;
    },
    reset,
    async cut() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
    mend: () => listen(port),
    redirect(wanted) {
      target = wanted;
      reset();
    },
    async close() {
      reset();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Ends one end of a passage as the other has ended, unless it has been stalled; tells when both are gone. */
function join(passage: Passage, onGone: () => void): void {
  const { near, far } = passage;
  for (const [end, other] of [
    [near, far],
    [far, near],
  ] as const) {
    // Its close follows, and says that there was an error.
    end.on('error', () => {});
    end.on('close', (hadError) => {
      if (near.destroyed && far.destroyed) onGone();
      else if (passage.isStalled) return;
      else if (hadError) other.resetAndDestroy();
      else other.destroySoon();
    });
  }
}
