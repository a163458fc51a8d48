import type { IncomingMessage, ServerResponse } from 'node:http';
import { HoldfastError } from '@holdfast/shared';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Handler } from 'hono';
import { routePath } from 'hono/route';
import type { Exchange } from '../exchange/exchange.ts';
import type { Forwarder, ListenerContext } from '../forward/forwarder.ts';
import { EmbeddedExchange } from './embedded-exchange.ts';

/**
 * Makes an exchange of what @hono/node-server hands out, once those in front of it on its connection are answered.
 * `malformed`: the request breaks a rule. `gone`: its connection has ended before.
 */
export type ExchangeOf = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => Promise<Exchange | 'malformed' | 'gone'>;

/** The status of a client that left before there was one (nginx's word for it). */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * A handler that forwards to one pool. It answers when the response is over, so that middleware around it measures the
 * whole of it.
 *
 * @throws HoldfastError `INTERNAL`, from the handler: on another server than @hono/node-server with HTTP/1, or where
 *   middleware has read the request's body, of which nothing would be left to forward
 */
export function proxyHandler(
  forwarder: Forwarder,
  listener: ListenerContext,
  exchangeOf: ExchangeOf,
): Handler {
  return async (context) => {
    const { incoming, outgoing } = nodeBindings(context);
    const exchange = await exchangeOf(incoming, outgoing);
    if (exchange === 'gone') return alreadySent(CLIENT_CLOSED_REQUEST);
    if (exchange === 'malformed') return refuse(context, outgoing);
    if (exchange.hasBody && incoming.readableDidRead) {
      throw new HoldfastError('INTERNAL', 'forward a body that middleware has read: put the proxy before it');
    }
    const isOver = new Promise<void>((resolve) => void outgoing.once('close', resolve));
    forwarder.forward(new EmbeddedExchange(exchange, context.res.headers), listener, routePath(context));
    await isOver;
    return alreadySent(outgoing.headersSent ? outgoing.statusCode : CLIENT_CLOSED_REQUEST);
  };
}

/** The connection closes, whatever middleware makes of the response: nobody knows where the next request would begin. */
function refuse(context: Context, outgoing: ServerResponse): Response {
  outgoing.shouldKeepAlive = false;
  return context.text('The request is malformed.\n', 400);
}

function nodeBindings(context: Context): { incoming: IncomingMessage; outgoing: ServerResponse } {
  const { incoming, outgoing } = (context.env ?? {}) as Partial<HttpBindings>;
  if (incoming?.httpVersionMajor !== 1 || outgoing === undefined)
    throw new HoldfastError('INTERNAL', 'embed the proxy in an app on @hono/node-server with HTTP/1');
  return { incoming, outgoing };
}

/** What middleware is told of a status that a Response cannot have, and an endpoint can answer with. */
const UNKNOWN_STATUS = 599;
const isResponseStatus = (status: number): boolean => status >= 200 && status <= 599;

/**
 * What @hono/node-server does not send, with the status that was sent, for middleware to see. Made of the `Response` of the
 * moment: the light one that @hono/node-server puts in place of the real one keeps its mark only if it is not a copy of a
 * real one.
 */
const alreadySent = (status: number): Response =>
  new Response(null, {
    status: isResponseStatus(status) ? status : UNKNOWN_STATUS,
    headers: RESPONSE_ALREADY_SENT.headers,
  });
