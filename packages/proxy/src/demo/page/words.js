// What the debug headers of an answer say, and how to say it to a person.

export const OUTCOMES = {
  hit: 'kept at its endpoint',
  created: 'new session, pinned',
  repinned: 'moved by this node',
  adopted: 'followed the other node',
  fallback: 'served without the pin',
  none: 'no endpoint is left',
};

/** `name=value` parts of a header, behind its first word. */
const parameters = (header) =>
  Object.fromEntries(
    (header ?? '').split(/;\s*/).map((part) => part.split('=', 2).map((word) => word.trim())),
  );

/** `a` of `shop/a`. */
export const localId = (endpoint) => endpoint.slice(endpoint.indexOf('/') + 1);

/** What an answer says of its session. An answer that no endpoint gave names none: `endpoint` is empty. */
export function readTrace({ headers }) {
  const outcome = headers.get('holdfast-outcome') ?? 'none';
  const pin = parameters(headers.get('holdfast-pin'));
  return {
    node: headers.get('holdfast-node') ?? 'the node itself',
    endpoint: headers.get('holdfast-endpoint') ?? '',
    outcome: outcome.split(';')[0],
    ...parameters(outcome),
    version: pin.version,
    pinnedAtMs: Number(pin['pinned-at']),
  };
}

export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** One sentence on what there is to see, or to try next. */
export function hint({ cart, trace, state, isNodeSilent }) {
  if (isNodeSilent) {
    return 'This node does not answer: it is being restarted. Your session does not depend on it.';
  }
  if (state === undefined || trace === undefined || cart === undefined) return 'Looking...';
  const { endpoints } = state;
  const holder = localId(trace.endpoint);
  const dead = endpoints.filter(({ isRunning }) => !isRunning).map(({ id }) => id);
  if (dead.length === endpoints.length) return 'No endpoint is left. The pin is kept: revive one.';
  if (dead.includes(holder)) return `Endpoint ${holder} is gone; the next request moves the session.`;
  const wasMoved = Number(trace.version) > 1;
  if (wasMoved && dead.length > 0) {
    return `Your session is on ${holder} now, for both nodes. Revive ${dead[0]}: the session stays where it is.`;
  }
  if (wasMoved) {
    return `All endpoints are back, and your session stayed on ${holder}. Nothing moves it but the end of ${holder}.`;
  }
  if (cart.items === 0) return 'Put something in the cart, so that there is something to keep.';
  return `Open the other node: same endpoint, same cart. Restart a node: nothing changes. Then kill endpoint ${holder}.`;
}
