/**
 * What a node knows of its link to the channel of changes. It sends itself a heartbeat through Redis; a link that
 * brings none for a while is dead, even if no connection says so.
 */
export type Link =
  | { readonly kind: 'down' }
  | {
      readonly kind: 'up';
      /** When the link last brought anything, on the clock that never goes back. */
      readonly heardAtMs: number;
    };

export type LinkEvent =
  | { readonly kind: 'subscribed'; readonly atMs: number }
  | { readonly kind: 'heard'; readonly atMs: number }
  | { readonly kind: 'checked'; readonly atMs: number }
  | { readonly kind: 'lost' };

/** The link after an event, and whether changes may have gone by unheard before it. */
export interface LinkStep {
  readonly link: Link;
  readonly isGap: boolean;
}

export const HEARTBEAT_INTERVAL_MS = 500;

/** Three heartbeats that did not come. */
export const SILENCE_MS = 3 * HEARTBEAT_INTERVAL_MS;

/** The link of a node that has not connected yet. */
export const downLink: Link = { kind: 'down' };

/** Whether news is flowing at `nowMs`, on the clock that never goes back. */
export const isLinkLive = (link: Link, nowMs: number): boolean =>
  link.kind === 'up' && nowMs - link.heardAtMs < SILENCE_MS;

/** The one place where a link changes. */
export function nextLink(link: Link, event: LinkEvent): LinkStep {
  switch (event.kind) {
    case 'subscribed':
      return { link: { kind: 'up', heardAtMs: event.atMs }, isGap: true };
    case 'heard':
      if (link.kind === 'down') return { link, isGap: false };
      return { link: { kind: 'up', heardAtMs: event.atMs }, isGap: !isLinkLive(link, event.atMs) };
    case 'checked':
      return { link: isLinkLive(link, event.atMs) ? link : downLink, isGap: false };
    case 'lost':
      return { link: downLink, isGap: false };
  }
}
