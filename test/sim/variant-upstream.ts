import type { Upstream, UpstreamEvents } from '../../packages/proxy/src/upstream/upstream.ts';

/** Connections that say of every failure that nothing had been sent. */
export const withProgressDenied = (upstream: Upstream): Upstream => ({
  allowsUpgrade: upstream.allowsUpgrade,
  request: (head, events) => upstream.request(head, denying(events)),
  retire: () => upstream.retire(),
  close: () => upstream.close(),
});

const denying = (events: UpstreamEvents): UpstreamEvents => ({
  onUpstreamInformation: (head) => events.onUpstreamInformation(head),
  onUpstreamHead: (head) => events.onUpstreamHead(head),
  onUpstreamBody: (chunk) => events.onUpstreamBody(chunk),
  onUpstreamFlush: () => events.onUpstreamFlush(),
  onUpstreamEnd: (trailers) => events.onUpstreamEnd(trailers),
  onUpstreamError: (error) => events.onUpstreamError(error, 'nothing-sent'),
  onUpstreamHeld: () => events.onUpstreamHeld(),
  onUpstreamWritable: () => events.onUpstreamWritable(),
});
