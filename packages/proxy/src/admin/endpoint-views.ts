import { z } from 'zod';
import { type EndpointView, endpointFrom } from './api.ts';
import { drainTag } from './drain-operations.ts';
import { iso } from './iso.ts';
import type { Occupancy } from './occupancy.ts';

/** What a report of a node says of its endpoints. */
const report = z.object({
  pools: z
    .array(
      z.object({
        endpoints: z.array(
          z.object({
            id: z.string(),
            url: z.string(),
            from: endpointFrom.optional(),
            isLeaving: z.boolean().default(false),
            weight: z.number(),
            standing: z.enum(['serving', 'draining', 'suspect', 'down']),
            inFlight: z.number(),
            waiting: z.number(),
          }),
        ),
      }),
    )
    .default([]),
});

/** An endpoint as operators see it, and the tag of what they can change. */
export interface TaggedEndpoint {
  readonly view: EndpointView;
  readonly tag: string;
}

/**
 * The endpoints of a node, as its processes report them and the session map counts them.
 *
 * @param known undefined where the session map cannot be asked
 */
export function endpointViews(reported: unknown, known: Occupancy | undefined): readonly TaggedEndpoint[] {
  const drains = new Map(known?.drains.map((drain) => [drain.endpoint, drain]));
  return report.parse(reported).pools.flatMap(({ endpoints }) =>
    endpoints.map(({ isLeaving, ...endpoint }) => {
      const drain = drains.get(endpoint.id);
      const view: EndpointView = {
        ...endpoint,
        // What the session map says holds for all processes, a moment before the last of them goes by it.
        ...(known !== undefined && {
          standing: standingBy(endpoint.standing, isLeaving || drain !== undefined),
        }),
        ...(known !== undefined && { pinned: known.pinned[endpoint.id] ?? 0 }),
        ...(drain && {
          drain: {
            since: iso(drain.sinceMs),
            ...(drain.deadlineMs !== undefined && { deadline: iso(drain.deadlineMs) }),
          },
        }),
      };
      return { view, tag: drainTag(drain) };
    }),
  );
}

function standingBy(standing: EndpointView['standing'], isDraining: boolean): EndpointView['standing'] {
  if (standing === 'down' || standing === 'suspect') return standing;
  return isDraining ? 'draining' : 'serving';
}
