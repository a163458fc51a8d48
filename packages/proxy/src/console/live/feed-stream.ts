import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Watcher } from './watcher.ts';

/**
 * Sends a watcher what there is for it, as fast as its connection takes it. When it is over while something is still on its
 * way, the connection is broken off: somebody who takes nothing would hold it for as long as they like.
 */
export const streamTo = (context: Context, watcher: Watcher): Response =>
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
      if (text === undefined) return;
      isOnItsWay = true;
      await stream.write(text);
      isOnItsWay = false;
    }
  });
