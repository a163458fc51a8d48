import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Watcher } from './watcher.ts';

/**
 * Sends a watcher what there is for it, as fast as its connection takes it. When it is over while something is still on its
 * way, the connection is broken off: somebody who takes nothing would hold it for as long as they like. It is over as well when
 * the pass of who looks on is no good any more: whoever comes back has to be let in.
 *
 * @param isIn whether it still may look on
 */
export const streamTo = (context: Context, watcher: Watcher, isIn: () => Promise<boolean>): Response =>
  streamSSE(context, async (stream) => {
    stream.onAbort(() => watcher.end());
    let isOnItsWay = false;
    void watcher.over.then(() => {
      if (!isOnItsWay) return;
      stream.abort();
      (context.env as Partial<HttpBindings> | undefined)?.incoming?.socket.destroy();
    });
    for (;;) {
      const text = await watcher.next();
      if (text === undefined || !(await isIn())) return watcher.end();
      isOnItsWay = true;
      await stream.write(text);
      isOnItsWay = false;
    }
  });
