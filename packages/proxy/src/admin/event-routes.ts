import { sleep } from '@holdfast/shared';
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Operations } from './admin-app.ts';
import { eventPage } from './api.ts';
import { sayRefusal } from './say-refusal.ts';

const ASK_INTERVAL_MS = 250;
/** What stands between here and the watcher may take silence for an end. */
const SIGN_OF_LIFE_EVERY_MS = 15_000;

/**
 * What happens in the cluster, as server-sent events (HTML standard, section 9.2), from now on or from the `Last-Event-ID` of
 * a watcher that comes back. Whoever answers questions is asked while somebody watches, so that it may be another process
 * each time.
 */
export function serveEvents(app: Hono, { ask, clock }: Operations): void {
  app.get('/events', async (context) => {
    const first = await ask({ kind: 'events', after: context.req.header('last-event-id') });
    if (first.kind === 'refused') return sayRefusal(context, first);
    return streamSSE(context, async (stream) => {
      let { cursor, events } = eventPage.parse(first.value);
      let lastSaidMs = clock.elapsed();
      await stream.writeSSE({ event: 'watching', data: '{}', ...(events.length === 0 && { id: cursor }) });
      while (!stream.aborted && !stream.closed) {
        for (const [index, event] of events.entries()) {
          // Whoever is cut off among several comes back with the id before them, and is told all of them again.
          const isLast = index === events.length - 1;
          const data = JSON.stringify(event);
          await stream.writeSSE({ event: event.type, data, ...(isLast && { id: cursor }) });
        }
        const isDue = clock.elapsed() - lastSaidMs >= SIGN_OF_LIFE_EVERY_MS;
        if (events.length > 0 || isDue) lastSaidMs = clock.elapsed();
        if (isDue) await stream.write(': still here\n\n');
        await sleep(clock, ASK_INTERVAL_MS);
        const answer = await ask({ kind: 'events', after: cursor });
        // Who does not answer now may do so in a moment.
        ({ cursor, events } =
          answer.kind === 'told' ? eventPage.parse(answer.value) : { cursor, events: [] });
      }
    });
  });
}
